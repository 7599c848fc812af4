//! The HTTP edge: tokens, dialects, errors, languages, limits, OpenAPI parts.
