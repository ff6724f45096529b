/** Names people type most often: large mailbox providers and the submission hosts of mail services. */
const KNOWN = [
  ...['gmail.com', 'googlemail.com', 'outlook.com', 'hotmail.com', 'live.com', 'yahoo.com', 'icloud.com', 'aol.com', 'proton.me'],
  ...[
    'gmx.de',
    'gmx.net',
    'web.de',
    'orange.fr',
    'wanadoo.fr',
    'free.fr',
    'laposte.net',
    'libero.it',
    'yandex.ru',
    'mail.ru',
    'qq.com',
  ],
  ...['smtp.gmail.com', 'smtp.office365.com', 'smtp-mail.outlook.com', 'smtp.mail.yahoo.com', 'smtp.mail.me.com'],
  ...['smtp-relay.gmail.com', 'smtp.tem.scaleway.com', 'example.com'],
  ...['smtp.example.com'],
]

/** The well-known name that `name` is one slip away from (a letter missing, added, changed or two exchanged), if it is not one itself. */
export function suggestHost(name: string): string | null {
  const typed = name.trim().toLowerCase()
  if (typed.length < 5 || typed.length > 64 || KNOWN.includes(typed)) return null
  return KNOWN.find((known) => isOneSlip(typed, known)) ?? null
}

function isOneSlip(typed: string, known: string): boolean {
  if (Math.abs(typed.length - known.length) > 1) return false
  let head = 0
  while (head < typed.length && typed[head] === known[head]) head += 1
  const [a, b] = [typed.slice(head), known.slice(head)]
  const exchanged = a.length === b.length && a[0] === b[1] && a[1] === b[0] && a.slice(2) === b.slice(2)
  return exchanged || a.slice(1) === b.slice(1) || a.slice(1) === b || a === b.slice(1)
}
