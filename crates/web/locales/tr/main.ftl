problem-invalid = Doğrulama başarısız oldu
