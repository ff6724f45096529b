import { Button, Textarea, TextInput } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { Send } from 'lucide-react'
import { useState } from 'react'
import { listSeeds, setSeeds, testCampaign } from '../../src/api/endpoints/content.ts'
import type { CampaignId } from '../../src/campaigns/campaign.ts'
import type { ContactId } from '../../src/lib/ids.ts'
import { useMe, whyNot } from '../me.ts'
import { useAction, useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { ActButton } from '../ui/act-button.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import { toast } from '../ui/toasts.tsx'
import styles from './content.module.css'
import { ReaderChoice } from './reader-choice.tsx'

/** Real mails to mailboxes of one's own, before anybody else gets one. */
export function TestToSeeds({ campaignId }: { campaignId: CampaignId }) {
  const says = t.content.test
  const because = whyNot(useMe(), 'campaigns.manage')
  const seeds = useEndpoint(listSeeds, {})
  const [reader, setReader] = useState<ContactId | null>(null)
  const [other, setOther] = useState('')
  const [isEditing, setIsEditing] = useState(false)
  const test = useAction(testCampaign, { quiet: true })
  return (
    <section className={styles.seedForm} aria-label={says.title}>
      <p className={styles.quiet}>{says.lead}</p>
      <Loadable query={seeds}>
        {({ seeds: known }) =>
          isEditing ? (
            <SeedForm known={known} onDone={() => setIsEditing(false)} />
          ) : (
            <>
              <div className={styles.seedActs}>
                <span>{known.length === 0 ? says.none : known.map(({ address }) => address).join(', ')}</span>
                <Button size="compact-sm" variant="subtle" disabled={because !== null} onClick={() => setIsEditing(true)}>
                  {says.edit}
                </Button>
              </div>
              <TextInput
                label={says.other}
                type="email"
                maxLength={320}
                placeholder={known[0]?.address ?? 'you@example.org'}
                value={other}
                onChange={(event) => setOther(event.currentTarget.value)}
              />
              <div>
                <p className={styles.label}>{says.as}</p>
                <ReaderChoice label={says.as} value={reader} onChange={setReader} />
              </div>
              {test.error && (
                <Note tone="bad" alert>
                  {test.error.message}
                </Note>
              )}
              <div className={styles.seedActs}>
                <ActButton
                  because={because ?? (known.length === 0 && other.trim() === '' ? says.none : null)}
                  loading={test.isPending}
                  leftSection={<Send size={14} aria-hidden />}
                  onClick={() =>
                    test.mutate({
                      params: { id: campaignId },
                      body: { contact_id: reader, ...(other.trim() !== '' && { to: [other.trim()] }) },
                    })
                  }
                >
                  {says.send}
                </ActButton>
                {test.data && (
                  <span role="status">
                    {says.sent(test.data.messages.length)}.{' '}
                    {test.data.messages.slice(0, 5).map(({ id, address }) => (
                      <Link key={id} to="/messages/$id" params={{ id }} search={{}}>
                        {address}{' '}
                      </Link>
                    ))}
                  </span>
                )}
              </div>
            </>
          )
        }
      </Loadable>
    </section>
  )
}

function SeedForm({
  known,
  onDone,
}: {
  known: readonly { readonly address: string; readonly name: string }[]
  onDone: () => void
}) {
  const says = t.content.test
  const [text, setText] = useState(known.map(({ address }) => address).join('\n'))
  const save = useAction(setSeeds, {
    quiet: true,
    changes: [listSeeds],
    onDone: () => {
      toast('good', says.saved)
      onDone()
    },
  })
  const addresses = text.split(/[\n,;]/).flatMap((line) => line.trim() || [])
  return (
    <>
      <Textarea
        autosize
        minRows={3}
        maxRows={12}
        data-autofocus
        label={says.seeds}
        description={`${says.seedsLead} ${says.seedsHint}`}
        value={text}
        error={save.error?.message}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <div className={styles.seedActs}>
        <Button
          size="sm"
          loading={save.isPending}
          onClick={() =>
            save.mutate({
              body: {
                seeds: addresses.map((address) => ({
                  address,
                  name: known.find((seed) => seed.address === address)?.name ?? '',
                })),
              },
            })
          }
        >
          {says.save}
        </Button>
        <Button size="sm" variant="default" onClick={onDone}>
          {t.common.cancel}
        </Button>
      </div>
    </>
  )
}
