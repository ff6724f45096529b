/** Properties that change how text and tables look, none that can cover, move, load or run anything. */
const PROPERTY = new RegExp(
  `^(?:${[
    'color|background-color|background|opacity|direction|unicode-bidi|display|visibility|float|clear|vertical-align|white-space',
    'font|font-(?:family|size|style|weight|variant|stretch)|line-height|letter-spacing|word-spacing|word-break|word-wrap|overflow-wrap|hyphens',
    'text-(?:align|decoration|decoration-color|decoration-line|decoration-style|indent|overflow|transform)',
    '(?:min-|max-)?(?:width|height)|padding(?:-(?:top|right|bottom|left))?|margin(?:-(?:top|right|bottom|left))?',
    'border(?:-(?:top|right|bottom|left))?(?:-(?:color|style|width))?|border(?:-(?:top|bottom)-(?:left|right))?-radius',
    'border-(?:collapse|spacing)|table-layout|empty-cells|caption-side|list-style|list-style-(?:type|position)|box-sizing',
  ].join('|')})$`,
)

/** Words, numbers, colours and quoted font names. A backslash, a comment, an @ or a function that could load something is not among them. */
const VALUE = /^(?:[a-z0-9#%.,!+\s'"-]|\/(?!\*)|(?:rgba?|hsla?)\([0-9.,%\s/a-z-]{1,60}\))*$/i

const DECLARATIONS_MAX = 100

/** The declarations of a style attribute that are known to be harmless; whatever else it says is left out. */
export function safeStyle(style: string): string {
  if (style.length > 10_000) return ''
  const safe: string[] = []
  for (const declaration of style.split(';', DECLARATIONS_MAX)) {
    const colon = declaration.indexOf(':')
    const property = declaration.slice(0, Math.max(colon, 0)).trim().toLowerCase()
    const value = declaration.slice(colon + 1).trim()
    if (!PROPERTY.test(property)) continue
    if (value === '' || value.length > 200 || !VALUE.test(value) || !isBalanced(value)) continue
    safe.push(`${property}:${value}`)
  }
  return safe.join(';')
}

/** An open quotation mark would swallow the declarations that follow. */
function isBalanced(value: string): boolean {
  return /^(?:[^'"]|'[^'"]*'|"[^'"]*")*$/.test(value)
}
