package amqp

import "context"

// Waiting returns the number of messages in the queue that no consumer has received yet, and of
// dead letters.
func Waiting(ctx context.Context, url string) (queued, dead int64, err error) {
	err = withSession(ctx, url, func(s *session) error {
		queue, err := s.ch.QueueDeclarePassive(Queue, true, false, false, false, nil)
		if err != nil {
			return err
		}
		letters, err := s.deadLetters()
		queued, dead = int64(queue.Messages), int64(letters)
		return err
	})
	return queued, dead, err
}
