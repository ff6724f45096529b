import { t } from '../../texts/texts.ts'
import { Panel } from '../../ui/panel.tsx'
import { Raw } from '../../ui/raw.tsx'
import styles from '../forms.module.css'
import type { PartProps } from '../use-form-draft.ts'

export function EmbedTab({ form, settings }: PartProps) {
  const { link, frame, html } = form.embed
  const example = JSON.stringify(
    Object.fromEntries([
      ...settings.fields.map(({ key }) => [key, key === 'email' ? 'ann@example.org' : '…']),
      ...settings.consents.map(({ key }) => [`consent.${key}`, String(1)]),
    ]),
  )
  const script = `await fetch('${link}', {\n  method: 'POST',\n  headers: { 'content-type': 'application/json' },\n  body: JSON.stringify(${example}),\n})`
  const ways = [
    { key: 'link', title: t.forms.link, hint: t.forms.linkHint, text: link },
    { key: 'frame', title: t.forms.frame, hint: t.forms.frameHint, text: frame },
    { key: 'html', title: t.forms.html, hint: t.forms.htmlHint, text: html },
    { key: 'script', title: t.forms.script, hint: t.forms.scriptHint, text: script },
  ]
  return (
    <div className={styles.stack}>
      {ways.map(({ key, title, hint, text }) => (
        <Panel key={key} title={title}>
          <div className={styles.fields}>
            <p className={styles.quiet}>{hint}</p>
            <Raw text={text} label={t.forms.toCopy(title)} copyLabel={`${t.forms.copy}: ${title}`} />
          </div>
        </Panel>
      ))}
    </div>
  )
}
