import styles from './mail-frame.module.css'

/**
 * Foreign HTML, shown by its own address: the server sends it with a policy of its own (no script, no form, no remote image unless asked),
 * and the sandbox here keeps it from scripts, from our origin and from navigating us even if that policy were missing. Links open elsewhere.
 */
export function MailFrame({ src, title }: { src: string; title: string }) {
  return (
    <iframe
      key={src}
      className={styles.frame}
      src={src}
      title={title}
      sandbox="allow-popups allow-popups-to-escape-sandbox"
      referrerPolicy="no-referrer"
      loading="lazy"
    />
  )
}
