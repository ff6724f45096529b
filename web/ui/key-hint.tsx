import styles from './key-hint.module.css'

const isMac = /Mac|iPhone|iPad/.test(navigator.platform)

/** Keys as they are printed on the keyboard before the reader. */
export function KeyHint({ keys }: { keys: string }) {
  return (
    <span className={styles.keys}>
      {keys
        .split(/[ +]/)
        .flatMap(pressed)
        .map((key, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a fixed sequence; the same key may come twice
          <kbd key={index} className={styles.key}>
            {nameOf(key)}
          </kbd>
        ))}
    </span>
  )
}

/** A capital is pressed with Shift: `x` and `X` are not the same key. */
function pressed(key: string): string[] {
  return /^\p{Lu}$/u.test(key) ? ['Shift', key] : [key]
}

function nameOf(key: string): string {
  if (key === 'mod') return isMac ? '⌘' : 'Ctrl'
  if (key === 'ArrowDown') return '↓'
  if (key === 'ArrowUp') return '↑'
  if (key === 'Escape') return 'Esc'
  return key.length === 1 ? key.toUpperCase() : key
}
