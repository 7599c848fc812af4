# Lists of bans.
bans-title = Yasaklar
bans-views = Yasak listeleri
bans-view-all = Tüm yasaklar
bans-view-expiring = Yakında bitecekler
bans-expiring = Yakında bitecek yasaklar
bans-expiring-hint = Yürürlükte olan ve 24 saat içinde kendiliğinden bitecek yasaklar. Önce bitecek olan başta.
bans-caption = Yasaklar
bans-none = Böyle bir yasak yok.
bans-count = { $count } yasak
bans-user = Kullanıcı
bans-user-id = Kullanıcı kimliği
bans-live-stream = Canlı yayın
bans-live-stream-id = Canlı yayın kimliği
bans-action = Tür
bans-any = Hepsi
bans-state = Durum
bans-lasts = Süre
bans-created = Oluşturulma
bans-reason = Gerekçe
bans-report = Bildirim
bans-what = İşlemler
bans-from = Başlangıç (UTC)
bans-to = Bitiş (UTC)
bans-filter = Göster
bans-unfilter = Temizle
bans-open = Aç
bans-by = yapan:
bans-ended = bitiş:
bans-left = { $name } kaldı
bans-permanent = Süresiz
bans-standing-active = Yürürlükte
bans-standing-revoked = Kaldırıldı
bans-standing-expired = Süresi doldu
bans-standing-superseded = Yenisiyle değiştirildi
bans-status-active = Yürürlükte
bans-status-revoked = Kaldırılanlar
bans-status-expired = Süresi dolanlar
bans-status-all = Tümü
bans-revoke = Kaldır
bans-revoke-title = Bu yasak kaldırılsın mı?
bans-revoked = Yasak kaldırıldı.

# One ban.
ban-title = Yasak: { $name }
ban-heading = Yasak:
ban-facts = Yasak bilgileri
ban-id = Yasak kimliği
ban-no-reason = Belirtilmedi.
ban-cause = Nedeni olan bildirim
ban-successor = Yerine geçen yasak
ban-earlier = Önceki yasak

# The form that bans.
ban-form-title = Kullanıcıyı yasakla
ban-form-submit = Yasakla
ban-form-done = Kullanıcı yasaklandı.
ban-form-user-hint = Kimlik veya kullanıcı adı
ban-form-live-stream-hint = Kimlik, sohbet kimliği veya başlık
ban-form-do-BLOCK = Engelle
ban-form-do-CHAT_ONLY = Sohbette sustur
ban-form-BLOCK = canlı yayını izleyemez ve sohbet edemez
ban-form-CHAT_ONLY = canlı yayını izleyebilir ama sohbet edemez
ban-form-duration = Ne kadar süreyle
ban-form-custom = Başka
ban-form-number = Sayı
ban-form-unit = Birim
ban-form-minutes = dakika
ban-form-hours = saat
ban-form-days = gün
ban-form-duration-wrong = Süre tam sayı olarak dakika, saat veya gün olmalı ve en çok 365 gün olabilir.
ban-form-reason-hint = En çok { $count } karakter.

# What somebody typed.
meant-no-user = Bu kimlikte veya kullanıcı adında kimse yok.
meant-several-users = Bu adda birden çok kullanıcı var: kimliğini yazın.
meant-no-live-stream = Bu kimlikte, sohbet kimliğinde veya başlıkta canlı yayın yok.
meant-several-live-streams = Bu adda birden çok canlı yayın var: kimliğini yazın.
