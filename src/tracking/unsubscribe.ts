/** Whoever wants to leave a list is not followed on the way out; and a scanner that tries all links must not lead through us to such a one. */
const WORDS = [
  'unsubscribe',
  'unsub',
  'opt-out',
  'opt out',
  'optout',
  'manage preferences',
  'email preferences',
  'abmelden',
  'abmeldung',
  'abbestellen',
  'austragen',
  'désabonn',
  'desabonn',
  'désinscri',
  'desinscri',
  'darse de baja',
  'cancelar suscripción',
  'cancelar inscrição',
  'cancelar subscrição',
  'disiscri',
  'cancella iscrizione',
  'afmelden',
  'uitschrijven',
  'avregistrera',
  'afmeld',
  'avmeld',
  'wypisz',
  'odhlásit',
  'отписаться',
  '配信停止',
  '退订',
  '退訂',
] as const

/** By where it leads or by what it says. */
export function isUnsubscribeLink(url: string, text: string): boolean {
  const said = `${url}\n${text}`.toLowerCase()
  return WORDS.some((word) => said.includes(word))
}

/** The addresses of a List-Unsubscribe header (RFC 2369 §3.2). */
export function unsubscribeUrls(headers: readonly (readonly [name: string, value: string])[]): string[] {
  return headers
    .filter(([name]) => name.toLowerCase() === 'list-unsubscribe')
    .flatMap(([, value]) => [...value.matchAll(/<([^<>]+)>/g)].map((found) => (found[1] ?? '').trim()))
}
