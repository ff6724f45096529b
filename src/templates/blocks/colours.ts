/** Colours that follow from others; all of them as #rrggbb. */

function channels(colour: string): readonly [number, number, number] {
  return [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16)) as [number, number, number]
}

/** Part of the way from one to the other: 0 is the first, 1 the second. */
export function mixed(from: string, to: string, share: number): string {
  const [a, b] = [channels(from), channels(to)]
  return `#${a
    .map((value, i) =>
      Math.round(value + ((b[i] ?? 0) - value) * share)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`
}

/** WCAG 2.2, relative luminance. */
export function luminance(colour: string): number {
  const [r = 0, g = 0, b = 0] = channels(colour).map((value) => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x)
  return (light + 0.05) / (dark + 0.05)
}

/** What can be read on it. */
export function inkOn(background: string): string {
  return contrast('#ffffff', background) >= 4.5 ? '#ffffff' : '#000000'
}

/** The colour, moved towards black or white until it can be read there (WCAG 2.2 AA). */
export function readableOn(background: string, colour: string): string {
  // Here black and white can be read alike.
  const to = luminance(background) > 0.179 ? '#000000' : '#ffffff'
  for (let share = 0; share < 1; share += 0.1) {
    const tried = mixed(colour, to, share)
    if (contrast(tried, background) >= 4.5) return tried
  }
  return to
}
