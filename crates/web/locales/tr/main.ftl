# What opens every error of a status (contract §3).
problem-conflict = Kaynak zaten var veya mevcut durumunda değiştirilemez
problem-forbidden = Yetersiz yetki
problem-headers-too-large = İstek başlıkları çok büyük
problem-internal = Sunucu hatası
problem-invalid = Doğrulama başarısız oldu
problem-key-reused = Idempotency-Key daha önce başka bir istekle kullanıldı
problem-method-not-allowed = Bu yönteme izin verilmiyor
problem-not-found = Kaynak bulunamadı
problem-payload-too-large = İstek gövdesi çok büyük
problem-rate-limited = Çok fazla istek gönderildi
problem-slow-body = İstek gövdesi zamanında ulaşmadı
problem-unauthenticated = Kimlik doğrulaması gerekli
problem-unavailable = Hizmet geçici olarak kullanılamıyor
problem-unsupported-media-type = İçerik türü desteklenmiyor
problem-uri-too-long = İstek adresi çok uzun

# Tokens.
scope-insufficient = belirteç, bu çağrının gerektirdiği kapsama sahip değil
token-expired = belirtecin süresi dolmuş
token-in-query = belirteç yalnızca Authorization başlığında kabul edilir
token-malformed = Authorization başlığı bir kez yer almalı ve yalnızca ASCII içermelidir
token-missing = Authorization başlığında bir bearer belirteci gereklidir
token-not-yet-valid = belirteç henüz geçerli değil
token-refused = belirteç geçerli değil

# Fields of bodies and query strings.
blank = boş olmamalıdır
body-not-an-object = gövde bir JSON nesnesi olmalıdır
body-not-json = gövde geçerli bir JSON değil (satır { $line }, sütun { $column })
control-character = { $found } kontrol karakterini içermemelidir
duplicate-name = birden fazla kez yer almamalıdır
list-too-long = en fazla { $max } öğe içerebilir
malformed = biçimi hatalı
not-a-boolean = true veya false olmalıdır
not-a-list = bir liste olmalıdır
not-a-platform-id = A-Z a-z 0-9 _ . = - karakterlerinden oluşmalı ve 1 ile 128 karakter arasında olmalıdır
not-a-string = bir metin olmalıdır
not-a-time = 2026-01-15T10:30:00.000Z gibi bir RFC 3339 zamanı olmalıdır
not-an-integer-in-range = { $min } ile { $max } arasında bir tam sayı olmalıdır
not-an-object = bir nesne olmalıdır
not-an-object-id = 24 adet küçük harfli onaltılık basamaktan oluşmalıdır
not-one-of = şunlardan biri olmalıdır: { $allowed }
not-utf8 = UTF-8 olmalıdır
required = zorunludur
text-too-long = en fazla { $max } karakter olabilir

# Headers.
header-too-long = en fazla { $max } yazdırılabilir ASCII karakterden oluşmalıdır
idempotency-key-malformed = 1 ile 255 arasında yazdırılabilir ASCII karakterden oluşmalıdır
not-a-position = X-Event-Position veya X-Read-Position ile verilmiş bir değer olmalıdır

# Parameters of the YouTube dialect.
field-selection = Geçersiz alan seçimi
parameter-required = Zorunlu parametre: { $name }
parameter-unexpected = Beklenmeyen parametre: { $name }
parameter-value = Parametrenin değeri geçersiz: { $name }
unknown-part = Bilinmeyen bölüm: { $name }

# Queries.
query-alias-too = { $name } ile aynı anlama gelir: yalnızca birini verin
query-bad-cursor = aynı listenin pagination.nextCursor değeri olmalıdır
query-bans-denied = yasaklar yalnızca platform görevlilerine ve canlı yayını yönetenlere gösterilir
query-beyond-tree = karşılaştırıldığı { $size } olaylık ağaçtan büyük olamaz
query-check-denied = yalnızca kullanıcının kendisine, canlı yayını yönetenlere, platform görevlilerine ve servislere açıktır
query-directory-denied = kullanıcılar ve canlı yayınlar yalnızca kendilerine, canlı yayın yönetenlere, platform görevlilerine ve denetçilere gösterilir
query-end-before-start = { $start } değerinden önce olamaz
query-history-behind = geçmişin dizini henüz günlüğe yetişmedi: yeniden deneyin
query-history-denied = geçmiş yalnızca denetçilere ve yöneticilere gösterilir
query-no-ban = böyle bir yasak yok
query-no-checkpoint = günlüğün henüz imzalanmış bir denetim noktası yok
query-no-leaf = bu büyüklükteki bir ağaçta böyle bir olay yok
query-no-live-stream = böyle bir canlı yayın yok
query-no-report = böyle bir şikayet yok
query-no-tile = böyle bir karo yok ya da bu genişlikte değil
query-no-user = böyle bir kullanıcı yok
query-not-a-moment = 2026-01-15T10:30:00.000Z gibi bir RFC 3339 zamanı olmalıdır
query-not-a-position = bir olayın konumu ya da 0 olmalıdır
query-not-a-time = 2026-01-15 gibi bir tarih veya 2026-01-15T10:30:00.000Z gibi bir RFC 3339 zamanı olmalıdır
query-not-an-event-id = bir olay kimliği olmalıdır: 01KF0XQG4V3E7Z5Y2M8N6P9R1T gibi bir ULID
query-not-recorded = okuma kaydedilemediği için yanıtlanmadı: yeniden deneyin
query-page-and-cursor = page ile birlikte verilemez
query-page-too-deep = sayfalar en fazla { $max } kayıt derinliğe iner: ötesi için pagination.nextCursor değerini cursor olarak verin
query-range-too-long = { $interval } aralıklı bir yanıt en fazla { $days } gün kapsar
query-staff-only = yalnızca platform görevlilerine açıktır
query-too-far-behind = bu konuma henüz ulaşılmadı

# The push over Socket.IO.
push-auth-malformed = auth, token ve language alanları metin olan bir nesne olmalıdır
push-full = şu anda başka bir istemciye hizmet verilemiyor: yeniden deneyin
push-origin = bu kaynağın (origin) sayfaları bağlanamaz
push-token-missing = belirteç gereklidir: auth.token olarak ya da Authorization başlığında bir bearer belirteci olarak
push-too-many-sockets = bir kullanıcının aynı anda en fazla { $max } oturumu olabilir
push-too-many-streams = bir soket aynı anda en fazla { $max } canlı yayında olabilir

# The feed.
feed-full = bu sunucunun izin verdiği kadar akış zaten açık: yeniden deneyin
feed-last-event-unknown = bu akışın bir kimliği ya da geçmişin tamamı için 0 olmalıdır; son olay { $head }
feed-too-many = zaten { $max } açık akışınız var: önce birini kapatın

# Commands.
command-admins-only = yalnızca yöneticilere açıktır
command-auditors-only = yalnızca denetçilere ve yöneticilere açıktır
command-ban-active = kullanıcı orada { $id } numaralı yasakla zaten yasaklı
command-ban-ended = yasak zaten sona ermiş
command-ban-unknown = böyle bir yasak yok
command-denied-moderator = bir moderatör, başka bir moderatörün üzerindeki yasağı kaldıramaz
command-denied-not-allowed = ne rolleriniz ne de canlı yayındaki göreviniz buna izin veriyor
command-denied-oneself = kimse kendini yasaklayamaz
command-denied-own-live-stream = kendi canlı yayınınızı şikâyet edemezsiniz
command-denied-partial = kendi şikâyetinizi veya kendi canlı yayınınıza ait bir şikâyeti inceleyemezsiniz
command-denied-protected = canlı yayının sahibi ve moderatörleri orada yasaklanamaz
command-description-required = type değeri other olduğunda zorunludur
command-duration-of-permanent = kalıcı bir yasağın süresi olmaz
command-erasure-unknown = böyle bir silme işlemi yok
command-held = { $since } tarihinde konulan bir yasal saklama buna engel: bu kişinin metinleri, saklama kaldırılana kadar korunmalıdır
command-hold-unknown = bu kişi için yürürlükte bir yasal saklama yok
command-id-not-of-path = yoldaki kimlik olmalıdır
command-live-stream-unknown = böyle bir canlı yayın yok
command-record-collision = bu kimlik altında tutulan kayıt başka bir kullanıcıya veya canlı yayına ait
command-record-exhausted = bu kullanıcının bu canlı yayındaki kaydına başka giriş sığmıyor
command-report-not-from = { $from } durumundaki bir şikâyette bu değişiklik yapılamaz
command-report-open = bu canlı yayına ait { $id } numaralı şikâyetiniz hâlâ açık
command-report-unknown = böyle bir şikâyet yok
command-report-unknown-here = bu canlı yayına ait böyle bir şikâyet yok
command-user-deleted = bu kullanıcı artık mevcut değil
command-user-unknown = böyle bir kullanıcı yok

# The dashboard.
dashboard-foreign = istek başka bir siteden geliyor; yalnızca bu panonun sayfaları komut verebilir
