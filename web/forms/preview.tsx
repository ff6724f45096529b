import { Select } from '@mantine/core'
import { previewForm } from '../../src/api/endpoints/forms.ts'
import type { Id } from '../../src/lib/ids.ts'
import { hrefOf } from '../api.ts'
import { t } from '../texts/texts.ts'
import { Panel } from '../ui/panel.tsx'
import styles from './forms.module.css'

export const SHOWS = ['form', 'errors', 'asked', 'done', 'confirmed', 'confirmation', 'welcome'] as const
export type Show = (typeof SHOWS)[number]

interface Props {
  readonly id: Id<'form'>
  /** Of what was saved last: another one is asked for anew. */
  readonly revision: number
  readonly show: Show
  readonly hasWelcome: boolean
  readonly onShow: (show: Show) => void
}

/** What is written, drawn by the server as visitors would get it, under a policy by which it can do nothing. */
export function Preview({ id, revision, show, hasWelcome, onShow }: Props) {
  const shown = show === 'welcome' && !hasWelcome ? 'confirmation' : show
  return (
    <div className={styles.aside}>
      <Panel title={t.forms.preview} flush>
        <div className={styles.show}>
          <Select
            aria-label={t.forms.show}
            allowDeselect={false}
            data={SHOWS.filter((one) => one !== 'welcome' || hasWelcome).map((value) => ({ value, label: t.forms.shows[value] }))}
            value={shown}
            onChange={(value) => value && onShow(value as Show)}
          />
        </div>
        <iframe
          className={styles.frame}
          src={hrefOf(previewForm, { id, show: shown, revision: String(revision) })}
          title={`${t.forms.preview}: ${t.forms.shows[shown]}`}
          sandbox=""
          referrerPolicy="no-referrer"
        />
      </Panel>
    </div>
  )
}
