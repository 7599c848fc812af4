sign-in-title = Sign in
sign-in = Sign in
sign-in-token = Token
sign-in-token-hint = A token of your platform, as its applications send it to this API. It stays in this browser until it expires or you sign out.
sign-in-no-token = Paste a token to sign in.
sign-in-refused = This token is not valid, or no longer.
sign-in-unknown-code = This link is not valid any more. Links are made anew at each start.
