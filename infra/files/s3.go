package files

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// S3 is a Store in a bucket of an S3-compatible service.
type S3 struct {
	client *minio.Client
	bucket string
	prefix string // of the keys
}

// S3Options describe the bucket.
type S3Options struct {
	URL    string // https://host:port/bucket or https://host:port/bucket/prefix
	Region string // empty: the service's default
	Key    string // access key
	Secret string
}

// NewS3 returns the store without connecting.
func NewS3(o S3Options) (*S3, error) {
	where, err := url.Parse(o.URL)
	if err != nil || where.Host == "" || where.Scheme != "http" && where.Scheme != "https" {
		return nil, errors.New("the URL of the store of files must have the form https://host:port/bucket")
	}
	bucket, prefix, _ := strings.Cut(strings.Trim(where.Path, "/"), "/")
	if bucket == "" {
		return nil, errors.New("the URL of the store of files must name a bucket: https://host:port/bucket")
	}
	client, err := minio.New(where.Host, &minio.Options{
		Creds: credentials.NewStaticV4(o.Key, o.Secret, ""), Secure: where.Scheme == "https", Region: o.Region, BucketLookup: minio.BucketLookupPath,
	})
	if err != nil {
		return nil, fmt.Errorf("the store of files: %w", err)
	}
	return &S3{client: client, bucket: bucket, prefix: prefix}, nil
}

// Save puts an object, which the service stores as a whole or not at all.
func (s *S3) Save(ctx context.Context, content []byte) (string, error) {
	hash := hashOf(content)
	_, err := s.client.PutObject(ctx, s.bucket, s.name(hash), bytes.NewReader(content), int64(len(content)), minio.PutObjectOptions{ContentType: "application/octet-stream"})
	if err != nil {
		return "", fmt.Errorf("saving a file: %w", err)
	}
	return hash, nil
}

// Load reads and verifies an object.
func (s *S3) Load(ctx context.Context, hash string) ([]byte, error) {
	if err := checkHash(hash); err != nil {
		return nil, err
	}
	object, err := s.client.GetObject(ctx, s.bucket, s.name(hash), minio.GetObjectOptions{})
	if err != nil {
		return nil, absent(hash, err)
	}
	content, err := io.ReadAll(object)
	if err = errors.Join(err, object.Close()); err != nil {
		return nil, absent(hash, err)
	}
	return verified(content, hash)
}

// Delete removes an object. A bucket that keeps versions has it until its own rules remove it. The
// service compares no times: an object that is saved between both requests is removed.
func (s *S3) Delete(ctx context.Context, hash string, before time.Time) error {
	if err := checkHash(hash); err != nil {
		return err
	}
	info, err := s.client.StatObject(ctx, s.bucket, s.name(hash), minio.StatObjectOptions{})
	if err = absent(hash, err); errors.Is(err, ErrMissing) {
		return nil
	}
	if err != nil {
		return err
	}
	if info.LastModified.After(before) {
		return ErrRecent
	}
	if err := s.client.RemoveObject(ctx, s.bucket, s.name(hash), minio.RemoveObjectOptions{}); err != nil {
		return fmt.Errorf("deleting a file: %w", err)
	}
	return nil
}

// Size returns the size of an object.
func (s *S3) Size(ctx context.Context, hash string) (int64, error) {
	if err := checkHash(hash); err != nil {
		return 0, err
	}
	info, err := s.client.StatObject(ctx, s.bucket, s.name(hash), minio.StatObjectOptions{})
	if err != nil {
		return 0, absent(hash, err)
	}
	return info.Size, nil
}

// absent returns ErrMissing for an object that does not exist.
func absent(hash string, err error) error {
	if err == nil {
		return nil
	}
	var answer minio.ErrorResponse
	if errors.As(err, &answer) && answer.Code == minio.NoSuchKey {
		return fmt.Errorf("%s: %w", hash, ErrMissing)
	}
	return fmt.Errorf("the store of files: %w", err)
}

// name returns the key of an object.
func (s *S3) name(hash string) string {
	return strings.TrimPrefix(s.prefix+"/"+hash[:2]+"/"+hash, "/")
}
