import { useParams } from '@tanstack/react-router'
import { RotateCw } from 'lucide-react'
import { changeWorkflowAddress, listWorkflowAddresses } from '../../../src/api/endpoints/workflow-addresses.ts'
import type { Id } from '../../../src/lib/ids.ts'
import type { ReplyOf } from '../../api.ts'
import { useMe, whyNot } from '../../me.ts'
import { useAction, useEndpoint } from '../../query.ts'
import { t } from '../../texts/texts.ts'
import { ActButton } from '../../ui/act-button.tsx'
import { useAsk } from '../../ui/ask.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Loadable } from '../../ui/loadable.tsx'
import { Raw } from '../../ui/raw.tsx'
import { toast } from '../../ui/toasts.tsx'
import { toned } from '../../ui/tone.ts'
import styles from '../workflows.module.css'

type Address = ReplyOf<typeof listWorkflowAddresses>['items'][number]

/** Where other programs call this step: to be copied, tried, and changed when somebody knows it who should not. */
export function AddressField({ node }: { node: string }) {
  const { id } = useParams({ strict: false }) as { id: Id<'workflow'> }
  const query = useEndpoint(listWorkflowAddresses, { id })
  const says = t.address
  return (
    <section className={styles.plain} aria-label={says.title}>
      <h3 className={styles.pickGroup}>{says.title}</h3>
      <Loadable query={query}>
        {({ items }) => {
          const address = items.find((one) => one.node === node)
          return address ? <Shown workflowId={id} address={address} /> : <p className={styles.quiet}>{says.notYet}</p>
        }}
      </Loadable>
    </section>
  )
}

function Shown({ workflowId, address: { node, url, is_listening } }: { workflowId: Id<'workflow'>; address: Address }) {
  const ask = useAsk()
  const because = whyNot(useMe(), 'workflows.manage')
  const says = t.address
  const change = useAction(changeWorkflowAddress, { changes: [listWorkflowAddresses], onDone: () => toast('good', says.changed) })
  async function askAndChange() {
    if (await ask({ title: says.changeTitle, body: says.changeBody, act: says.change, danger: true }))
      change.mutate({ params: { id: workflowId, node } })
  }
  return (
    <>
      <p className={styles.quiet}>{says.lead}</p>
      <div className={styles.address}>
        <code>{url}</code>
        <CopyButton text={url} label={says.copy} />
      </div>
      <p className={styles.listens} {...toned(is_listening ? 'good' : 'wait')}>
        {is_listening ? says.listening : says.silent}
      </p>
      <h4 className={styles.pickGroup}>{says.example}</h4>
      <Raw text={exampleOf(url)} label={says.example} copyLabel={says.copyExample} />
      <p className={styles.quiet}>{says.takes}</p>
      <ActButton
        size="compact-sm"
        variant="default"
        because={because}
        leftSection={<RotateCw size={13} aria-hidden />}
        loading={change.isPending}
        onClick={() => void askAndChange()}
      >
        {says.change}
      </ActButton>
    </>
  )
}

/** What it brings is `event.payload` in conditions and texts. */
function exampleOf(url: string): string {
  return `curl '${url}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{"order": {"id": 17}}'`
}
