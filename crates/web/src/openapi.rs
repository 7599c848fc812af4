//! The OpenAPI document: services describe their operations, this adds what all of them share.

mod errors;
mod headers;

use axum::Router;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderValue, Method};
use axum::middleware::map_response;
use axum::response::Response;
use utoipa::openapi::path::{Operation, PathItem};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{Info, License, OpenApi, SecurityRequirement};
use utoipa_swagger_ui::SwaggerUi;

/// Where the document is.
pub const DOCUMENT: &str = "/openapi.json";
/// Where it can be browsed.
pub const PAGE: &str = "/docs";

const TOKEN: &str = "token";

/// The document with what all operations share: the token, the headers, the errors of their dialect.
pub fn complete(mut document: OpenApi) -> OpenApi {
    document.info = Info::new("Docket", env!("CARGO_PKG_VERSION"));
    document.info.license = Some(License::new(env!("CARGO_PKG_LICENSE")));
    let components = document.components.get_or_insert_default();
    let token = Http::builder().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    components.security_schemes.insert(TOKEN.to_owned(), SecurityScheme::Http(token).into());
    components.schemas.extend(errors::schemas());
    components.responses.extend(errors::responses());
    components.parameters.extend(headers::parameters());
    // What the router calls `{*path}`, the rest of an address, the document calls `{path}`.
    let paths = std::mem::take(&mut document.paths.paths).into_iter();
    document.paths.paths = paths.map(|(path, item)| (path.replace("{*", "{"), item)).collect();
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in operations_of(item) {
            operation.security = Some(vec![SecurityRequirement::new(TOKEN, [""; 0])]);
            errors::add(operation, path, &method);
            headers::add(operation, path, &method);
        }
    }
    document
}

fn operations_of(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let all = [
        (Method::GET, &mut item.get),
        (Method::PUT, &mut item.put),
        (Method::POST, &mut item.post),
        (Method::DELETE, &mut item.delete),
        (Method::PATCH, &mut item.patch),
    ];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Every operation of the document with its path, for the test that each of them asks for a token.
pub fn operations(document: &OpenApi) -> Vec<(Method, String)> {
    let mut document = document.clone();
    let paths = document.paths.paths.iter_mut();
    let of = |(path, item)| {
        let methods = operations_of(item).map(|(method, _)| method);
        methods.map(|method| (method, String::clone(path))).collect::<Vec<_>>()
    };
    paths.flat_map(of).collect()
}

/// The document and its page. The page loads everything from here, and may load nothing from elsewhere.
pub(crate) fn routes(document: OpenApi) -> Router {
    const POLICY: HeaderValue = HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
    );
    // Its files change only with the program; asking again each time is cheap enough.
    const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
    let routes: Router = SwaggerUi::new(PAGE).url(DOCUMENT, complete(document)).into();
    routes.layer(map_response(|mut response: Response| async {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, POLICY);
        response.headers_mut().insert(CACHE_CONTROL, NO_CACHE);
        response
    }))
}
