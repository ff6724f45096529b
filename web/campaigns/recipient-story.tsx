import { Link } from '@tanstack/react-router'
import type { CampaignRecipient } from '../../src/api/endpoints/campaign-recipients.ts'
import { getMessage } from '../../src/api/endpoints/messages.ts'
import type { Id } from '../../src/lib/ids.ts'
import { DeliveryStatus } from '../parts/delivery-status.tsx'
import { StoryTimeline } from '../parts/story-timeline.tsx'
import { useEndpoint } from '../query.ts'
import { t } from '../texts/texts.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Loadable } from '../ui/loadable.tsx'
import { Note } from '../ui/note.tsx'
import styles from './campaigns.module.css'

/** What became of one person, without leaving the list. */
export function RecipientStory({ of, onClose }: { of: CampaignRecipient; onClose: () => void }) {
  const says = t.campaigns.recipients
  const who = of.address || of.name || of.contact_id
  return (
    <Dialog title={says.story(who)} wide onClose={onClose}>
      <div className={styles.story}>
        {of.excluded && (
          <Note tone="calm" hint={of.detail}>
            {t.campaigns.exclusions[of.excluded]}
          </Note>
        )}
        {of.message_id && of.delivery_id && <Mail messageId={of.message_id} deliveryId={of.delivery_id} />}
        <div className={styles.sum}>
          <Link to="/contacts/$id" params={{ id: of.contact_id }}>
            {says.contact}
          </Link>
          {of.message_id && of.delivery_id && (
            <Link to="/messages/$id" params={{ id: of.message_id }} search={{ delivery: of.delivery_id }}>
              {says.waybill}
            </Link>
          )}
        </div>
      </div>
    </Dialog>
  )
}

function Mail({ messageId, deliveryId }: { messageId: Id<'message'>; deliveryId: Id<'delivery'> }) {
  const query = useEndpoint(getMessage, { id: messageId, delivery: deliveryId })
  return (
    <Loadable query={query}>
      {(message) => {
        const delivery = message.deliveries.find(({ id }) => id === deliveryId)
        return (
          delivery && (
            <>
              <DeliveryStatus delivery={delivery} />
              <StoryTimeline delivery={delivery} messageEvents={message.events} />
            </>
          )
        )
      }}
    </Loadable>
  )
}
