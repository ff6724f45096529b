import { useSearch } from '@tanstack/react-router'
import { listNewDrafts } from '../../../src/api/endpoints/answers.ts'
import { type ConversationView, getConversation } from '../../../src/api/endpoints/conversations.ts'
import { listInboxes } from '../../../src/api/endpoints/inboxes.ts'
import type { InboxId } from '../../../src/lib/ids.ts'
import { useEndpoint } from '../../query.ts'
import { ButtonLink } from '../../shell/app-link.tsx'
import { t } from '../../texts/texts.ts'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Loadable, Skeleton } from '../../ui/loadable.tsx'
import { Page } from '../../ui/page.tsx'
import { mailbox } from '../composer/recipients.tsx'
import type { DraftBody } from '../composer/use-draft.ts'
import { NewConversationForm } from './new-conversation-form.tsx'

/** Writing first: a mail to somebody, or what somebody said by telephone or elsewhere. */
export function NewConversationPage() {
  const search = useSearch({ from: '/shell/conversations/new' })
  const inboxes = useEndpoint(listInboxes, {})
  const drafts = useEndpoint(listNewDrafts, {})
  const from = useEndpoint(getConversation, { id: String(search.from ?? 0) }, { enabled: search.from !== undefined })
  const isReady = drafts.data !== undefined && (search.from === undefined || from.data !== undefined || from.isError)
  return (
    <Page title={t.composer.newTitle} lead={t.composer.newLead} shape="narrow">
      <Loadable query={inboxes}>
        {({ items }) => {
          const open = items.filter(({ closed_at }) => closed_at === null)
          if (open.length === 0)
            return (
              <EmptyState
                title={t.composer.noInbox}
                sentence={t.composer.noInboxLead}
                act={<ButtonLink href="/settings/inboxes">{t.composer.makeInbox}</ButtonLink>}
              />
            )
          if (!isReady) return <Skeleton lines={8} />
          const draft = drafts.data.items.find(({ id }) => id === search.draft) ?? null
          return (
            <NewConversationForm
              key={search.draft ?? search.item ?? ''}
              inboxes={open}
              draft={draft}
              begin={beginning(open[0]?.id ?? null, from.data, search)}
            />
          )
        }}
      </Loadable>
    </Page>
  )
}

function beginning(
  inboxId: InboxId | null,
  from: ConversationView | undefined,
  search: { item?: string | undefined; to?: string | undefined },
): DraftBody {
  const blank: DraftBody = {
    ...{
      from: null,
      to: search.to ? [search.to] : [],
      cc: [],
      bcc: [],
      subject: null,
      html: '',
      quote: 'none',
      files: [],
      items: null,
    },
    inbox_id: inboxId,
  }
  const item = from?.items.find(({ id }) => id === search.item)
  if (!from || !item) return blank
  const quoted = document.createElement('blockquote')
  for (const line of item.text.split('\n')) {
    const paragraph = document.createElement('p')
    paragraph.textContent = line
    quoted.append(paragraph)
  }
  const to = item.kind === 'customer' ? [mailbox(item.author.name, item.author.address)] : []
  return { ...blank, to, subject: from.subject, html: `<p></p>${quoted.outerHTML}`, inbox_id: from.inbox.id }
}
