// biome-ignore-all lint/a11y/useSemanticElements: a <section> cannot be preformatted
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable without a pointer (WCAG 2.1.1)
import { CopyButton } from './copy-button.tsx'
import styles from './raw.module.css'

interface Props {
  readonly text: string
  readonly label: string
  readonly copyLabel: string
  readonly tall?: boolean
}

/** Text as it is, to read and to copy. It can be scrolled with the keyboard, so it can have the focus. */
export function Raw({ text, label, copyLabel, tall = false }: Props) {
  return (
    <div className={styles.box}>
      <pre className={styles.text} tabIndex={0} role="region" aria-label={label} style={tall ? { maxHeight: 'none' } : undefined}>
        {text}
      </pre>
      <div className={styles.copy}>
        <CopyButton text={text} label={copyLabel} />
      </div>
    </div>
  )
}
