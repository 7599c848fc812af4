# Live streams, users, and finding them.
live-streams-own = Yönettiğiniz canlı yayınlar
live-streams-own-none = Oluşturduğunuz veya moderatörü olduğunuz bir canlı yayın yok.
live-streams-busy = İş bekleyenler
live-streams-busy-none = Açık bildirimi veya yasağı olan canlı yayın yok.
live-streams-cut = Yalnızca ilkleri gösteriliyor. Diğerlerini başlık veya kimlikle bulun.
live-streams-status = Durum
live-streams-reports = Açık bildirim
live-streams-bans = Yürürlükteki yasak

live-stream-facts = Canlı yayın bilgileri
live-stream-creator = Yayıncı
live-stream-moderators = Moderatörler
live-stream-no-moderators = Yok
live-stream-more = ve { $count } kişi daha
live-stream-id = Canlı yayın kimliği
live-stream-chat = Sohbet kimliği
live-stream-updated = Son değişiklik
live-stream-reports = Bu yayınla ilgili bildirimler

user-facts = Kullanıcı bilgileri
user-name = Ad
user-availability = Çevrimiçi durumu
user-id = Kullanıcı kimliği
user-channel = Kanal kimliği
user-deleted = Platform bu kullanıcıyı kaldırdı.
user-erased = Bu kullanıcının adı silindi.
user-runs = Yönettiği canlı yayınlar
user-runs-none = Yok.
user-reports = Bu kullanıcının bildirimleri

reports-none = Yok.
reports-count = { $count } bildirim
reports-more = Kuyrukta göster

access-title = Erişimi denetle
access-check = Denetle
access-may-watch = İzleyebilir
access-may-not-watch = İzleyemez
access-may-chat = Sohbet edebilir
access-may-not-chat = Sohbet edemez
access-ban = Bir yasak nedeniyle
access-until = bitiş:

find-title = Bulunanlar
find-none = Görebilecekleriniz arasında bu adda bir şey yok.
find-users = Kullanıcılar

pages = Sayfalar
pages-first = İlk sayfa
pages-next = Sonraki sayfa

timeline = Neler oldu
timeline-empty = Henüz bir şey yok.
timeline-user = Kullanıcı:
timeline-live-stream = Canlı yayın:
timeline-by = yapan:
timeline-revoked = Yasak kaldırıldı
timeline-expired = Yasağın süresi doldu
timeline-superseded = Yasak yenisiyle değiştirildi
timeline-reported = Bildirildi: { $name }
timeline-reviewed = Bildirim incelendi: { $name }
timeline-cause-ban = nedeni bu yasak
timeline-cause-report = nedeni bu bildirim
