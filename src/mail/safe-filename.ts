const NAME_MAX = 200

/**
 * A file's name as a stranger gave it, made fit to be shown and offered for a download: one name and no path, nothing invisible, nothing
 * that turns "exe" around in the reader's eye, no leading dot. Unicode is normalised first, so that nothing appears by normalising later.
 */
export function safeFilename(name: string): string {
  const plain = name
    .slice(0, 4_000)
    .normalize('NFC')
    .replace(
      /[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\p{Surrogate}/gu,
      '',
    )
    .replace(/[/\\:*?"<>|]/g, '_')
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^\.+/, '')
    .replace(/[. ]+$/, '')
  return shortened(plain) || 'unnamed'
}

/** Cut in the middle, so that the ending stays. */
function shortened(name: string): string {
  const characters = Array.from(name)
  if (characters.length <= NAME_MAX) return name
  return `${characters.slice(0, NAME_MAX - 21).join('')}…${characters.slice(-20).join('')}`
}
