import type { MailAuthentication } from '../../mail/authentication.ts'

/** Who says that a mail's sender is who it seems, in words for people; null: nobody does. */
export function proofOf({ aligned, source }: Pick<MailAuthentication, 'aligned' | 'source'>): string | null {
  if (!aligned || source === 'none') return null
  return source === 'told'
    ? 'the server that received it says that it is really from there'
    : 'it was checked that it is really from there'
}
