/** Domains at which strangers have their mailboxes: that two people share one says nothing about them. */
const SHARED = new Set([
  ...['gmail.com', 'googlemail.com', 'outlook.com', 'live.com', 'msn.com', 'icloud.com', 'me.com', 'mac.com', 'aol.com'],
  ...[
    'yahoo.com',
    'ymail.com',
    'proton.me',
    'protonmail.com',
    'pm.me',
    'gmx.de',
    'gmx.net',
    'gmx.at',
    'gmx.ch',
    'gmx.com',
    'web.de',
  ],
  ...['t-online.de', 'freenet.de', 'posteo.de', 'mailbox.org', 'orange.fr', 'free.fr', 'laposte.net', 'wanadoo.fr', 'libero.it'],
  ...['mail.ru', 'yandex.ru', 'bk.ru', 'inbox.ru', 'qq.com', '163.com', '126.com', 'sina.com', 'naver.com', 'daum.net', 'wp.pl'],
  ...['o2.pl', 'seznam.cz', 'zoho.com', 'fastmail.com', 'hey.com', 'comcast.net', 'verizon.net', 'att.net', 'btinternet.com'],
  ...['bigpond.com', 'rediffmail.com', 'tutanota.com', 'tuta.com', 'bluewin.ch', 'telenet.be', 'ziggo.nl', 'kpnmail.nl'],
])
const IN_MANY_COUNTRIES = /^(?:hotmail|yahoo|live|outlook)\.(?:com?\.)?[a-z]{2,3}$/

export function isSharedDomain(domain: string): boolean {
  return SHARED.has(domain) || IN_MANY_COUNTRIES.test(domain)
}
