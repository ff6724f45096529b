import { Button } from '@mantine/core'
import { useRouter } from '@tanstack/react-router'
import type { MouseEvent, ReactNode } from 'react'

/** A link in the form of a button. */
export function ButtonLink({
  href,
  variant = 'filled',
  children,
}: {
  href: string
  variant?: 'filled' | 'default'
  children: ReactNode
}) {
  const router = useRouter()
  return (
    <Button
      component="a"
      href={href}
      variant={variant}
      onClick={(event) => {
        if (isModified(event)) return
        event.preventDefault()
        router.history.push(href)
      }}
    >
      {children}
    </Button>
  )
}

/** A link to an address of this console that is only known as text. Modified clicks stay the browser's. */
export function AppLink({
  href,
  className,
  children,
  onFollow,
}: {
  href: string
  className?: string | undefined
  children: ReactNode
  onFollow?: () => void
}) {
  const router = useRouter()
  function follow(event: MouseEvent) {
    if (isModified(event)) return
    event.preventDefault()
    onFollow?.()
    router.history.push(href)
  }
  return (
    <a href={href} className={className} onClick={follow}>
      {children}
    </a>
  )
}

function isModified(event: MouseEvent): boolean {
  return event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0
}
