import { Popover } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { CircleCheck, TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import type { QueueOverview } from '../../src/api/endpoints/overview.ts'
import { healthTone } from '../parts/health.ts'
import { t } from '../texts/texts.ts'
import { type Tone, toned } from '../ui/tone.ts'
import { AppLink } from './app-link.tsx'
import styles from './shell.module.css'

/** One dot and one sentence, always there; it opens what needs a person. */
export function Health({ query }: { query: Pick<UseQueryResult<QueueOverview>, 'data' | 'error'> }) {
  const [open, setOpen] = useState(false)
  const { tone, sentence } = stateOf(query)
  const items = query.data?.health.items ?? []
  return (
    <>
      <span className="visually-hidden" role="status">
        {sentence}
      </span>
      <Popover opened={open} onChange={setOpen} position="top-start" width={340} withinPortal shadow="md" trapFocus returnFocus>
        <Popover.Target>
          <button type="button" className={styles.bottomButton} aria-expanded={open} onClick={() => setOpen(!open)}>
            <span className={styles.dot} {...toned(tone)} />
            <span className={styles.clip}>{sentence}</span>
          </button>
        </Popover.Target>
        <Popover.Dropdown p={8}>
          <div className={styles.attention}>
            <div className={styles.attentionTitle}>{query.data?.health.sentence ?? sentence}</div>
            {items.length === 0 && (
              <div className={styles.attentionItem}>
                <CircleCheck size={15} aria-hidden style={{ color: 'var(--good-text)' }} />
                {t.overview.nothing}
              </div>
            )}
            {items.map((item) => (
              <AttentionItem key={item.sentence} item={item} onFollow={() => setOpen(false)} />
            ))}
            <AppLink href="/attention" className={styles.attentionItem} onFollow={() => setOpen(false)}>
              {t.shell.toAttention}
            </AppLink>
          </div>
        </Popover.Dropdown>
      </Popover>
    </>
  )
}

function AttentionItem({ item, onFollow }: { item: QueueOverview['health']['items'][number]; onFollow: () => void }) {
  const words = (
    <>
      <TriangleAlert size={15} aria-hidden />
      <span>{item.sentence}</span>
    </>
  )
  if (!item.link) return <div className={styles.attentionItem}>{words}</div>
  return (
    <AppLink href={item.link} className={styles.attentionItem} onFollow={onFollow}>
      {words}
    </AppLink>
  )
}

function stateOf({ data, error }: Pick<UseQueryResult<QueueOverview>, 'data' | 'error'>): { tone: Tone; sentence: string } {
  if (error) return { tone: 'bad', sentence: t.shell.unknownHealth }
  if (!data) return { tone: 'calm', sentence: t.shell.checking }
  const { ok, items, sentence } = data.health
  const said = items.length > 0 ? t.shell.needs(items.length) : ok ? t.shell.allFlows : sentence
  return { tone: healthTone(data.health), sentence: said }
}
