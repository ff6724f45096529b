/** Where to go on: only a path of this console, whatever a link said. */
export function insideOnly(next: string | undefined): string {
  return next?.startsWith('/') && !next.startsWith('//') && !next.startsWith('/\\') ? next : '/'
}
