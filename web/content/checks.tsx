import { Button } from '@mantine/core'
import { RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { type ContentChecks as Checks, checkCampaignContent } from '../../src/api/endpoints/content.ts'
import type { CampaignId } from '../../src/campaigns/campaign.ts'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { bytes, number } from '../ui/format.ts'
import { Loadable } from '../ui/loadable.tsx'
import { CheckLine } from './check-line.tsx'
import { LinkChecks } from './check-links.tsx'
import styles from './content.module.css'
import { ProblemList } from './problem-list.tsx'
import { VersionChoice } from './version-choice.tsx'

const LONG_SUBJECT = 70

/** What the text would be like for the people it is meant for. */
export function ContentChecks({ campaignId, versions = 1 }: { campaignId: CampaignId; versions?: number }) {
  const [version, setVersion] = useState('A')
  const query = useEndpoint(checkCampaignContent, { id: campaignId, ...(versions > 1 && { version }) }, { keep: true })
  const says = t.content.checks
  return (
    <section aria-label={says.title} aria-busy={query.isFetching}>
      {versions > 1 && <VersionChoice count={versions} value={version} onChange={setVersion} />}
      <Loadable query={query} skeleton={<p className={styles.quiet}>{says.looking}</p>}>
        {(checks) => (
          <>
            <ProblemList problems={checks.problems} />
            <ul className={styles.checks}>
              {checks.problems.length === 0 && (
                <>
                  <SubjectLine checks={checks} />
                  <SizeLine checks={checks} />
                  <WayOutLine checks={checks} />
                </>
              )}
              <FieldLines checks={checks} />
              {checks.problems.length === 0 && (
                <>
                  <RenderedLine checks={checks} />
                  <ImageLine checks={checks} />
                  <LinkChecks
                    key={version}
                    campaignId={campaignId}
                    version={version}
                    links={checks.links}
                    countedAt={checks.counted_at}
                  />
                </>
              )}
            </ul>
          </>
        )}
      </Loadable>
      <Button
        size="compact-sm"
        variant="subtle"
        leftSection={<RefreshCw size={13} aria-hidden />}
        loading={query.isFetching}
        onClick={() => void query.refetch()}
      >
        {says.again}
      </Button>
    </section>
  )
}

function SubjectLine({ checks: { subject } }: { checks: Checks }) {
  const says = t.content.checks
  if (subject.text.trim() === '') return <CheckLine tone="bad">{says.subjectEmpty}</CheckLine>
  return subject.longest > LONG_SUBJECT ? (
    <CheckLine tone="care">{says.subjectLong(subject.longest)}</CheckLine>
  ) : (
    <CheckLine tone="ok">{says.subjectOk(subject.longest)}</CheckLine>
  )
}

function SizeLine({ checks: { html, text } }: { checks: Checks }) {
  const says = t.content.checks
  const made = text?.is_own ? says.textOwn : says.textMade
  if (!html) return <CheckLine tone="ok">{says.noHtml}</CheckLine>
  const [size, limit] = [bytes(html.bytes), bytes(html.limit)]
  return html.bytes > html.limit ? (
    <CheckLine tone="bad" more={says.tooLargeHint}>
      {says.tooLarge(size, limit)}
    </CheckLine>
  ) : (
    <CheckLine tone="ok" more={made}>
      {says.size(size, limit)}
    </CheckLine>
  )
}

function WayOutLine({ checks }: { checks: Checks }) {
  return <CheckLine tone="ok">{checks.has_own_way_out ? t.content.checks.ownWayOut : t.content.checks.addedWayOut}</CheckLine>
}

function FieldLines({ checks: { fields, people, lacking } }: { checks: Checks }) {
  const says = t.content.checks
  if (fields.length === 0) return <CheckLine tone="ok">{says.noFields}</CheckLine>
  if (people === 0) return <CheckLine tone="care">{says.nobody}</CheckLine>
  const gaps = fields.filter(({ empty }) => empty > 0)
  return (
    <>
      {lacking > 0 && <CheckLine tone="bad">{says.lacking(number(lacking), number(people))}</CheckLine>}
      {gaps.length === 0 && <CheckLine tone="ok">{says.fieldsFull(fields.length)}</CheckLine>}
      {gaps.map(({ path, empty, fallback, required }) => (
        <CheckLine key={path} tone={fallback !== '' && !required ? 'ok' : 'care'}>
          {says.fieldEmpty(path.replace('contact.', ''), number(empty), number(people))}:{' '}
          {required ? says.fieldRequired : fallback === '' ? says.fieldGap : says.fieldFallback(fallback)}
        </CheckLine>
      ))}
    </>
  )
}

function RenderedLine({ checks: { looked, people, unrenderable, examples } }: { checks: Checks }) {
  const says = t.content.checks
  if (looked === 0) return null
  if (unrenderable === 0)
    return (
      <CheckLine tone="ok">
        {looked === people ? says.renderedAll(number(people)) : says.rendered(number(looked), number(people))}
      </CheckLine>
    )
  return (
    <CheckLine
      tone="bad"
      more={examples.map(({ contact_id: id, address, sentence }) => (
        <span key={id}>
          {address}: {sentence}
        </span>
      ))}
    >
      {says.fails(number(unrenderable), number(looked), number(people))}
    </CheckLine>
  )
}

function ImageLine({ checks: { images } }: { checks: Checks }) {
  const says = t.content.checks
  const wrong = images.filter(({ problem }) => problem !== null)
  if (images.length === 0) return <CheckLine tone="ok">{says.noImages}</CheckLine>
  if (wrong.length === 0) return <CheckLine tone="ok">{says.imagesOk(images.length)}</CheckLine>
  return wrong.map(
    ({ url, problem }, i) =>
      problem && (
        // biome-ignore lint/suspicious/noArrayIndexKey: the same image may stand in it twice
        <CheckLine key={i} tone="care">
          {url.split('/').at(-1) || says.emptyLink} {says.imageProblems[problem]}
        </CheckLine>
      ),
  )
}
