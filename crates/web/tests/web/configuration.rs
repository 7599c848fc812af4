//! What is configured, and the one line that a wrong value gets.

use clap::Parser;
use web::WebConfig;
use web::token::TokenAlgorithm;

use crate::support::{AUDIENCE, ISSUER, SECRET, clock};

#[derive(Debug, Parser)]
struct Program {
    #[command(flatten)]
    web: WebConfig,
}

fn parse(arguments: &[&str]) -> Result<WebConfig, String> {
    let program = Program::try_parse_from([&["program"], arguments].concat());
    let first_line = |error: clap::Error| error.to_string().lines().next().unwrap().to_owned();
    program.map(|program| program.web).map_err(first_line)
}

#[tokio::test]
async fn flags_make_an_edge() {
    let config = parse(&[
        "--jwt-algorithm=hs256",
        &format!("--jwt-secret={SECRET}"),
        &format!("--jwt-issuer={ISSUER}"),
        &format!("--jwt-audience={AUDIENCE}"),
        "--trusted-proxies=10.0.0.0/8",
        "--rate-limit=5",
    ]);
    let config = config.unwrap();
    assert_eq!(config.token.jwt_algorithm, Some(TokenAlgorithm::Hs256));
    let edge = config.edge(clock()).await.unwrap();
    assert_eq!(edge.rate_limit, 5);
    assert_eq!(edge.trusted_proxies, "10.0.0.0/8".parse().unwrap());
}

#[test]
fn nothing_is_trusted_or_limited_unless_told() {
    let config = parse(&[]).unwrap();
    assert!(!config.token.has_key());
    assert_eq!(config.trusted_proxies, web::TrustedProxies::default());
    assert_eq!(config.rate_limit, 0);
}

#[test]
fn a_wrong_value_gets_one_clear_line() {
    let refused = [
        parse(&["--jwt-algorithm=none"]).unwrap_err(),
        parse(&["--trusted-proxies=everyone"]).unwrap_err(),
        parse(&["--rate-limit=many"]).unwrap_err(),
    ];
    insta::assert_json_snapshot!(refused, @r#"
    [
      "error: invalid value 'none' for '--jwt-algorithm <NAME>'",
      "error: invalid value 'everyone' for '--trusted-proxies <NETWORKS>': invalid IP address syntax",
      "error: invalid value 'many' for '--rate-limit <COUNT>': invalid digit found in string"
    ]
    "#);
}
