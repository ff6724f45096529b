/** Cuts cleaned HTML (html.ts) at places between tags into pieces that are each whole: what is open at a cut is closed before and opened behind it. */
export function cutHtml(html: string, from: number, to: number): { readonly rest: string; readonly piece: string } {
  const [atFrom, atTo] = openAt(html, from, to)
  const isEnd = to >= html.length
  return {
    rest: `${html.slice(0, from)}${closing(atFrom)}${isEnd ? '' : `${opening(atTo)}${html.slice(to)}`}`,
    piece: `${opening(atFrom)}${html.slice(from, to)}${isEnd ? '' : closing(atTo)}`,
  }
}

interface Open {
  readonly tag: string
  readonly source: string
}

const TAG = /<(\/?)([a-z][a-z0-9]*)((?:\s[^<>]*)?)>/g

/** What is open at each of two places, the second not before the first. */
function openAt(html: string, first: number, second: number): [readonly Open[], readonly Open[]] {
  const open: Open[] = []
  let atFirst: readonly Open[] | null = null
  for (const match of html.matchAll(TAG)) {
    if (atFirst === null && match.index >= first) atFirst = [...open]
    if (match.index >= second) break
    const [source, slash, tag = '', attributes = ''] = match
    if (slash === '/') {
      if (open.at(-1)?.tag === tag) open.pop()
    } else if (!attributes.endsWith('/') && !/^(?:br|hr|img|wbr|col)$/.test(tag)) open.push({ tag, source })
  }
  return [atFirst ?? [...open], open]
}

function opening(open: readonly Open[]): string {
  return open.map(({ source }) => source).join('')
}

function closing(open: readonly Open[]): string {
  return open
    .toReversed()
    .map(({ tag }) => `</${tag}>`)
    .join('')
}
