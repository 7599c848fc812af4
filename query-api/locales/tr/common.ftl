# Around every page.
skip = İçeriğe geç
nav = Bölümler
nav-queue = Kuyruk
nav-bans = Yasaklar
nav-live-streams = Canlı yayınlar
nav-statistics = İstatistikler
nav-audit = Denetim
find = Kullanıcı veya canlı yayın bul
find-placeholder = Kullanıcı veya canlı yayın
language = Dil
theme = Tema
theme-system = Sistemdeki gibi
theme-light = Açık
theme-dark = Koyu
save = Kaydet
close = Kapat
cancel = Vazgeç
refused = Yapılmadı:
sign-out = Oturumu kapat
keys = Klavye kısayolları
keys-move = Sonraki ve önceki satır
keys-open = Satırı aç
keys-find = Bul
keys-help = Bu liste

role-moderator = moderatör
role-admin = yönetici
role-auditor = denetçi
role-service = servis

# What goes wrong.
problem-status = Durum { $count }
problem-home = Başa dön
command-unanswered = Komut API'si yanıt vermedi. Hiçbir şey olmamış olabilir; yeniden denemeden önce bakın.

# What things are called.
report-type-harassment_or_bullying = Taciz veya zorbalık
report-type-hate_speech = Nefret söylemi
report-type-sexual_content_or_nudity = Cinsel içerik veya çıplaklık
report-type-violence_or_self_harm = Şiddet veya kendine zarar verme
report-type-spam_or_scam = Spam veya dolandırıcılık
report-type-copyright_or_intellectual_property = Telif hakkı veya fikrî mülkiyet
report-type-other = Diğer

report-status-pending = Bekliyor
report-status-under_review = İnceleniyor
report-status-resolved = Çözüldü
report-status-rejected = Reddedildi

action-type-BLOCK = Engellendi
action-type-CHAT_ONLY = Sohbette susturuldu

stream-status-active = Yayında
stream-status-ended = Bitti
stream-status-scheduled = Planlandı
stream-status-preparing = Hazırlanıyor
stream-status-expired = Süresi doldu
stream-status-cancelled_by_host = Yayıncı iptal etti
stream-status-cancelled_by_guest = Konuk iptal etti

span-days = { $count } gün
span-hours = { $count } sa
span-minutes = { $count } dk
span-seconds = { $count } sn
