// Shows what this browser was told while no page of Waybill need be open. It fetches and keeps nothing.
self.addEventListener('push', (event) => {
  let told = {}
  try {
    told = event.data ? event.data.json() : {}
  } catch {
    // Not from us: say what every browser must be shown for a push, and no more.
  }
  const shown = self.registration.showNotification(told.title || 'Waybill', {
    body: told.body || '',
    tag: told.tag || 'waybill',
    icon: '/favicon.svg',
    data: { url: told.url || '/' },
  })
  event.waitUntil(shown)
})

self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const url = new URL(event.notification.data?.url || '/', self.location.origin)
  // Only our own pages are opened, whatever was sent.
  const target = url.origin === self.location.origin ? url.href : self.location.origin
  event.waitUntil(
    self.clients.matchAll({ type: 'window', includeUncontrolled: true }).then(async (pages) => {
      const page = pages.find((each) => each.url === target) || pages[0]
      if (!page) return self.clients.openWindow(target)
      await page.focus()
      if (page.url !== target && 'navigate' in page) await page.navigate(target).catch(() => self.clients.openWindow(target))
    }),
  )
})
