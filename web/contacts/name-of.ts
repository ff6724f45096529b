import { t } from '../texts/texts.ts'

/** What a person is called: their name or, without one, their address. */
export function nameOf({ name, addresses }: { readonly name: string; readonly addresses: readonly string[] }): string {
  return name || addresses[0] || t.contacts.unnamed
}
