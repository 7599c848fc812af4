# Reviewing a report, on several pages.
review-claim = Üstlen
review-resolve = Çöz
review-reject = Reddet
review-archive = Arşivle
review-unarchive = Arşivden çıkar
review-archived = Arşivlendi
review-note = Diğer görevliler için not (isteğe bağlı)
review-done-under_review = Üstlenildi: inceleme sizde.
review-done-resolved = Çözüldü.
review-done-rejected = Reddedildi.
review-done-archived = Arşivlendi.
review-done-unarchived = Arşivden çıkarıldı.

# Between the name of who did it and the time.
line-has = inceliyor; başlangıç:
line-resolved = çözdü:
line-rejected = reddetti:
line-changed = son değiştiren; zaman:
