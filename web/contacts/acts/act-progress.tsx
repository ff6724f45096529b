import { Link } from '@tanstack/react-router'
import { useEffect } from 'react'
import { type ContactAct, getContactAct } from '../../../src/api/endpoints/contact-acts.ts'
import { listContacts, listTagsOfContacts } from '../../../src/api/endpoints/contacts.ts'
import { listLists } from '../../../src/api/endpoints/lists.ts'
import { useAsked, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { Meter } from '../../ui/meter.tsx'
import { Note } from '../../ui/note.tsx'
import { isAtWork, lookedAt, resultWords, whatWords } from './act-words.ts'
import styles from './acts.module.css'
import { StopAct } from './stop-act.tsx'
import { UndoAct } from './undo-act.tsx'

const AGAIN_MS = 700

/** How an act goes on, and what came of it; with the way back. */
export function ActProgress({ id }: { readonly id: ContactAct['id'] }) {
  const { data } = useEndpoint(getContactAct, { id })
  const working = data ? isAtWork(data) : true
  useEndpoint(getContactAct, { id }, { everyMs: AGAIN_MS, enabled: working })
  const lists = useEndpoint(listLists, {}).data?.items ?? []
  const askAgain = useAsked([listContacts, listTagsOfContacts, listLists])
  useEffect(() => {
    if (!working) askAgain()
  }, [working, askAgain])
  if (!data) return null
  const words = t.contactActs
  const what = whatWords(data, (list) => lists.find((one) => one.id === list)?.name)
  if (working && data.state !== 'undoing')
    return (
      <Note
        tone="wait"
        act={<StopAct act={data} />}
        hint={<Meter label={words.progress(lookedAt(data), data.people)} value={lookedAt(data)} max={data.people} />}
      >
        {what}: {words.states[data.state]}
      </Note>
    )
  if (data.state === 'failed') return <Note tone="bad">{data.problem}</Note>
  const isBack = data.state === 'undoing' || data.state === 'undone'
  const act = (
    <span className={styles.acts}>
      <Link to="/contacts/acts">{words.page}</Link>
      <UndoAct act={data} />
    </span>
  )
  return (
    <Note
      tone={data.state === 'stopped' ? 'care' : 'good'}
      alert
      act={act}
      hint={isBack ? words.takenBack(data.undone, data.stayed) : words.join([resultWords(data), words.left(data.left)])}
    >
      {what}:{' '}
      {isBack
        ? words.states[data.state]
        : words.join([data.state === 'stopped' ? words.states.stopped : '', words.changed(data.changed)])}
    </Note>
  )
}
