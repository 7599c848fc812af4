queue-title = Bildirim kuyruğu
queue-filter = Kuyruğu süz
queue-type = Tür
queue-status = Durum
queue-sort = Sıralama
queue-sort-oldest = Önce en eskiler
queue-sort-newest = Önce en yeniler
queue-sort-most_reported = Önce en çok bildirilenler
queue-live-stream = Canlı yayın kimliği
queue-archived = Arşivdekiler
queue-any = Hepsi
queue-show = Göster
queue-all = Tümünü göster
queue-total = Açık bildirimi olan { $count } canlı yayın
queue-empty = Bekleyen açık bildirim yok.
queue-open = { $count } açık bildirim
queue-of = (toplam { $count })
queue-oldest = en eskisi { $name } önce
queue-select = Bildirimi seç: { $name }
queue-select-all = { $count ->
    [one] Bu bildirimi seç
   *[other] Bu { $count } bildirimi seç
}
queue-more = Bu canlı yayının { $count } bildiriminin tümü
queue-next = Sonraki sayfa

queue-bulk = Seçilenler
queue-chosen = { "{count}" } seçildi
queue-bulk-title = Birden çok bildirim
queue-bulk-done = { $count } bildirim incelendi.
queue-bulk-refused = { $count } bildirim kabul edilmedi.
queue-bulk-why = Neden kabul edilmediler
queue-bulk-back = Kuyruğa dön
queue-bulk-none = En az bir bildirim seçin.
queue-bulk-what = Bildirimlerle ne yapılacağını belirtin.
queue-bulk-too-many = Tek seferde en çok { $count } bildirim incelenebilir.
queue-bulk-late = Diğerleri çok uzun sürdüğü için artık denenmedi. Yeniden gönderin.

queue-arrived = Yeni gelenler
queue-arrived-hint = Yeni bildirimler burada listelenir; böylece yukarıda hiçbir şey yer değiştirmez.
queue-reload = Sıraya al
queue-announce = { "{count}" } yeni bildirim geldi

queue-reject-title = Bildirimi reddet
queue-reject-hint = Enter reddeder, Shift+Enter yeni satır açar, Esc geri döner.
queue-held = { "{seconds}" } saniye içinde gönderilecek. Geri almak için u tuşuna basın.
queue-waiting = Henüz gönderilmedi: { "{decision}" }
queue-left = { "{seconds}" } sn kaldı
queue-paused = Duraklatıldı
queue-undo = Geri al
queue-undone = Geri alındı. Hiçbir şey gönderilmedi.
queue-several = { "{count}" } bildirim:
queue-done = { "{done}" } incelendi, { "{refused}" } kabul edilmedi
queue-failed = Gönderilemedi. Hiçbir şey olmamış olabilir; yeniden denemeden önce bakın.
queue-offline = Canlı güncelleme bağlantısı koptu. Yeniden kuruluyor.
queue-ended = Oturum sona erdi. Devam etmek için yeniden oturum açın.
queue-missed = Bu arada çok şey oldu. Sayfayı yeniden yükleyin.

queue-key-claim = Bildirimi üstlen
queue-key-resolve = Bildirimi çöz
queue-key-reject = Bildirimi notla reddet
queue-key-undo = Henüz gönderilmemiş son kararı geri al
queue-key-select = Bildirimi seç
