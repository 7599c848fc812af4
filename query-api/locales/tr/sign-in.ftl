sign-in-title = Oturum aç
sign-in = Oturum aç
sign-in-token = Belirteç
sign-in-token-hint = Platformunuzun uygulamalarının bu API'ye gönderdiği belirteç. Süresi dolana veya oturumu kapatana kadar bu tarayıcıda kalır.
sign-in-no-token = Oturum açmak için bir belirteç yapıştırın.
sign-in-refused = Bu belirteç geçerli değil veya artık geçerli değil.
sign-in-unknown-code = Bu bağlantı artık geçerli değil. Bağlantılar her başlatmada yeniden üretilir.
