import { Button, type ButtonProps, Tooltip } from '@mantine/core'
import type { MouseEventHandler, ReactNode } from 'react'

interface Props extends Pick<ButtonProps, 'variant' | 'color' | 'size' | 'loading' | 'leftSection' | 'fullWidth'> {
  readonly onClick?: MouseEventHandler<HTMLButtonElement>
  /** Why it cannot be done now; the button stays reachable and says so. */
  readonly because?: string | null
  /** What it will do, on hover. */
  readonly hint?: ReactNode
  /** The whole name, where what is seen is only a verb: "Remove: Bob". It begins with what is seen. */
  readonly label?: string
  readonly type?: 'button' | 'submit'
  readonly children: ReactNode
}

/** A button that explains itself: what it does, or why it cannot. `aria-disabled` keeps it in the tab order so that this can be heard. */
export function ActButton({ because = null, hint, label: name, onClick, type = 'button', children, ...rest }: Props) {
  const blocked = because !== null
  const label = because ?? hint
  const button = (
    <Button
      type={blocked ? 'button' : type}
      {...(blocked && { 'data-disabled': true })}
      aria-disabled={blocked || undefined}
      aria-label={name}
      onClick={blocked ? (event) => event.preventDefault() : onClick}
      {...rest}
    >
      {children}
    </Button>
  )
  return label ? (
    <Tooltip label={label} multiline maw={320} openDelay={300}>
      {button}
    </Tooltip>
  ) : (
    button
  )
}
