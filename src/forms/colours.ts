/** Text that can be read on a colour that somebody chose (WCAG 2.2 §1.4.3). Pure. */

/** Relative luminance of `#rrggbb`, from 0 to 1. */
export function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light + 0.05) / (dark + 0.05)
}

const DARK = '#15201e'
const LIGHT = '#ffffff'

/** The better of dark and light; one of the two always reaches 4.5. */
export function inkOn(hex: string): string {
  return contrast(hex, DARK) >= contrast(hex, LIGHT) ? DARK : LIGHT
}

/** Custom properties over those of the page. */
export function themeOf({ accent, background }: { readonly accent: string | null; readonly background: string | null }): string {
  const rules: string[] = []
  if (background) {
    const ink = inkOn(background)
    // What browsers draw themselves, boxes and lists to choose from, is to fit the colour and not the hour.
    rules.push(`color-scheme:${ink === DARK ? 'light' : 'dark'} only`)
    rules.push(
      `--surface:${background}`,
      `--canvas:${background}`,
      `--ink:${ink}`,
      `--ink-2:${ink}`,
      `--line:${ink}44`,
      `--strong:${ink}99`,
    )
    rules.push(`--field:${background}`, `--bad:${ink}`, `--soft:${ink}14`, `--focus:${ink}`, `--link:${ink}`)
  }
  if (accent) rules.push(`--accent:${accent}`, `--on:${inkOn(accent)}`)
  return rules.length === 0 ? '' : `:root, :root:root { ${rules.join('; ')} }`
}
