/*
 * Records, in order, what a process does to the files below one folder, for a replayer that asks what a disk
 * would hold if power were lost at some moment (see replay.ts). Loaded with LD_PRELOAD.
 *
 *   TIDEMARK_TRACE_ROOT       the folder (absolute, without symbolic links)
 *   TIDEMARK_TRACE_FILE       where the records go
 *   TIDEMARK_TRACE_ACKS       a file outside the folder; what is written to it becomes an ACK record
 *   TIDEMARK_SHIM_LOSE_FSYNC  if 1, syncs do nothing and are not recorded
 *
 * Every change is made and recorded under one lock, so it is a point in the order. A sync is not: it covers what was
 * recorded before its beginning, and counts from its end on. Changes through memory maps cannot be seen; a writable
 * shared map is recorded, so that the reader can refuse it.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OPEN = 1, WRITE, TRUNCATE, EXTEND, RENAME, UNLINK, RMDIR, MKDIR, LINK, SYNC_BEGIN, SYNC_END, MMAP, ACK };

struct record {
  uint32_t op, handle;
  uint64_t number, flags;
  uint32_t path, other;
  uint64_t data;
};

#define FILES 65536
#define IOVECS 1024

/* Which of our handles a descriptor is; device and inode unmask a descriptor that was reused behind our back. */
static struct { uint32_t handle; dev_t device; ino_t inode; } files[FILES];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX], acks[PATH_MAX];
static size_t root_length;
static int trace = -1, lose_sync;
static uint32_t handles, syncs;
static const uint32_t ACKS = UINT32_MAX;

/* The C library's own syscall: ours stands before it. Looked up at first use, which may be before our constructor. */
static long (*real(void))(long number, ...) {
  static long (*found)(long number, ...);
  if (!found) *(void **)&found = dlsym(RTLD_NEXT, "syscall");
  return found;
}

static void give_up(const char *why) {
  dprintf(2, "power loss shim: %s: %s\n", why, strerror(errno));
  abort();
}

__attribute__((constructor)) static void start(void) {
  const char *folder = getenv("TIDEMARK_TRACE_ROOT"), *file = getenv("TIDEMARK_TRACE_FILE");
  const char *ack = getenv("TIDEMARK_TRACE_ACKS"), *lose = getenv("TIDEMARK_SHIM_LOSE_FSYNC");
  if (!folder || !file) return;
  snprintf(root, sizeof root, "%s", folder);
  root_length = strlen(root);
  if (ack) snprintf(acks, sizeof acks, "%s", ack);
  lose_sync = lose && !strcmp(lose, "1");
  int low = (int)real()(SYS_openat, AT_FDCWD, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (low < 0 || (trace = fcntl(low, F_DUPFD_CLOEXEC, 512)) < 0) give_up("cannot open the trace");
  real()(SYS_close, low);
}

/* Makes a path absolute; empty if that cannot be done, and then it is none of ours. */
static const char *absolute(int folder, const char *path, char *space) {
  char base[PATH_MAX], link[64];
  if (path[0] == '/') return path;
  if (folder == AT_FDCWD) {
    if (!getcwd(base, sizeof base)) return "";
  } else {
    snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(link, base, sizeof base - 1);
    if (length < 0) return "";
    base[length] = 0;
  }
  return snprintf(space, PATH_MAX, "%s/%s", base, path) < PATH_MAX ? space : "";
}

/* The path relative to the root ("" for itself), or null if it lies elsewhere. */
static const char *below(int folder, const char *path, char *space) {
  if (trace < 0 || !path) return NULL;
  const char *full = absolute(folder, path, space);
  if (strncmp(full, root, root_length)) return NULL;
  if (full[root_length] == '/') return full + root_length + 1;
  return full[root_length] ? NULL : "";
}

static void record(struct record head, const char *path, const char *other, const struct iovec *data, int count) {
  static struct iovec parts[IOVECS + 3];
  size_t whole = sizeof head + (head.path = path ? strlen(path) : 0) + (head.other = other ? strlen(other) : 0);
  parts[0] = (struct iovec){&head, sizeof head};
  parts[1] = (struct iovec){(void *)path, head.path};
  parts[2] = (struct iovec){(void *)other, head.other};
  size_t left = head.data;
  int used = 3;
  for (int index = 0; index < count && left; index++, used++) {
    size_t size = data[index].iov_len < left ? data[index].iov_len : left;
    parts[used] = (struct iovec){data[index].iov_base, size};
    left -= size;
  }
  /* In batches of what the kernel takes at once; a short write would tear the trace. */
  whole += head.data;
  for (int at = 0; at < used; at += IOVECS) {
    ssize_t wrote = real()(SYS_writev, trace, parts + at, used - at < IOVECS ? used - at : IOVECS);
    if (wrote < 0) give_up("cannot write the trace");
    whole -= (size_t)wrote;
  }
  if (whole) give_up("the trace was cut short");
}

/* The handle of a descriptor, 0 if it is not below the root. Called under the lock. */
static uint32_t handle_of(int fd) {
  struct stat now;
  if (trace < 0 || fd < 0 || fd >= FILES || !files[fd].handle) return 0;
  if (fstat(fd, &now) || now.st_dev != files[fd].device || now.st_ino != files[fd].inode) files[fd].handle = 0;
  return files[fd].handle;
}

#define UNDER_LOCK(call) ({ pthread_mutex_lock(&lock); __auto_type got = (call); int kept = errno; \
  pthread_mutex_unlock(&lock); errno = kept; got; })

static int open_file(int folder, const char *path, int flags, mode_t mode) {
  char space[PATH_MAX];
  int fd = (int)real()(SYS_openat, folder, path, flags, mode);
  if (fd < 0 || trace < 0) return fd;
  const char *name = below(folder, path, space);
  int is_acks = acks[0] && !strcmp(path, acks);
  if (fd >= FILES) give_up("too many open files");
  files[fd].handle = 0;
  struct stat now;
  if (!name && !is_acks) return fd;
  if (fstat(fd, &now)) give_up("cannot look at a file");
  files[fd].device = now.st_dev;
  files[fd].inode = now.st_ino;
  files[fd].handle = is_acks ? ACKS : ++handles;
  if (name) record((struct record){.op = OPEN, .handle = handles, .flags = (uint64_t)flags}, name, NULL, NULL, 0);
  return fd;
}

#define MODE_OF(flags) mode_t mode = 0; if ((flags) & (O_CREAT | O_TMPFILE)) { \
  va_list rest; va_start(rest, flags); mode = va_arg(rest, mode_t); va_end(rest); }
int open(const char *path, int flags, ...) { MODE_OF(flags) return UNDER_LOCK(open_file(AT_FDCWD, path, flags, mode)); }
int open64(const char *path, int flags, ...) { MODE_OF(flags) return UNDER_LOCK(open_file(AT_FDCWD, path, flags, mode)); }
int openat(int at, const char *path, int flags, ...) { MODE_OF(flags) return UNDER_LOCK(open_file(at, path, flags, mode)); }
int openat64(int at, const char *path, int flags, ...) { MODE_OF(flags) return UNDER_LOCK(open_file(at, path, flags, mode)); }
int creat(const char *path, mode_t mode) { return UNDER_LOCK(open_file(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode)); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }
static int close_file(int fd) {
  if (fd >= 0 && fd < FILES) files[fd].handle = 0;
  return (int)real()(SYS_close, fd);
}
int close(int fd) { return UNDER_LOCK(close_file(fd)); }
/* at < 0: where the descriptor stands */
static ssize_t write_file(int fd, const struct iovec *parts, int count, off64_t at) {
  uint32_t handle = handle_of(fd);
  ssize_t wrote = at < 0 ? real()(SYS_writev, fd, parts, count) : real()(SYS_pwritev, fd, parts, count, at, 0);
  if (!handle || wrote <= 0) return wrote;
  if (at < 0) at = lseek64(fd, 0, SEEK_CUR) - wrote;
  struct record head = {.op = handle == ACKS ? ACK : WRITE, .handle = handle, .number = (uint64_t)at, .data = (uint64_t)wrote};
  record(head, NULL, NULL, parts, count);
  return wrote;
}

/* Descriptors that are none of ours (pipes, sockets) may block: they must not wait under the lock. */
static ssize_t write_any(int fd, const struct iovec *parts, int count, off64_t at) {
  if (UNDER_LOCK(handle_of(fd))) return UNDER_LOCK(write_file(fd, parts, count, at));
  return at < 0 ? real()(SYS_writev, fd, parts, count) : real()(SYS_pwritev, fd, parts, count, at, 0);
}
static ssize_t write_one(int fd, const void *data, size_t size, off64_t at) {
  return write_any(fd, &(struct iovec){(void *)data, size}, 1, at);
}
ssize_t write(int fd, const void *data, size_t size) { return write_one(fd, data, size, -1); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) { return write_one(fd, data, size, at); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) { return write_one(fd, data, size, at); }
ssize_t writev(int fd, const struct iovec *parts, int count) { return write_any(fd, parts, count, -1); }
ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { return write_any(fd, parts, count, at); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { return write_any(fd, parts, count, at); }
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at, int flags) { (void)flags; return write_any(fd, parts, count, at); }
ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off64_t at, int flags) { (void)flags; return write_any(fd, parts, count, at); }

/*
 * Copies inside the kernel are refused for our files, and rings altogether: callers fall back to what we see. libuv asks
 * for both through syscall itself.
 */
long syscall(long number, ...) {
  long arguments[6];
  va_list rest;
  va_start(rest, number);
  for (int index = 0; index < 6; index++) arguments[index] = va_arg(rest, long);
  va_end(rest);
  int refused = number == SYS_io_uring_setup ||
                (number == SYS_copy_file_range && UNDER_LOCK(handle_of((int)arguments[2])));
  if (refused && trace >= 0) { errno = ENOSYS; return -1; }
  return real()(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}
ssize_t copy_file_range(int in, off64_t *from, int out, off64_t *to, size_t size, unsigned flags) {
  return syscall(SYS_copy_file_range, in, from, out, to, size, flags);
}
ssize_t sendfile64(int out, int in, off64_t *from, size_t size) {
  if (UNDER_LOCK(handle_of(out))) { errno = EINVAL; return -1; }
  return real()(SYS_sendfile, out, in, from, size);
}
ssize_t sendfile(int out, int in, off_t *from, size_t size) { return sendfile64(out, in, from, size); }

/* For changes of one open file that yield 0 and carry a number. */
static int sized(int done, uint32_t op, int fd, uint64_t number) {
  uint32_t handle = handle_of(fd);
  if (!done && handle) record((struct record){.op = op, .handle = handle, .number = number}, NULL, NULL, NULL, 0);
  return done;
}
int ftruncate(int fd, off_t size) { return UNDER_LOCK(sized((int)real()(SYS_ftruncate, fd, size), TRUNCATE, fd, (uint64_t)size)); }
int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }
int truncate(const char *path, off_t size) {
  int fd = open(path, O_WRONLY), done = fd < 0 ? fd : ftruncate(fd, size), kept = errno;
  if (fd >= 0) close(fd);
  errno = kept;
  return done;
}
int truncate64(const char *path, off64_t size) { return truncate(path, size); }
int fallocate(int fd, int mode, off_t at, off_t size) {
  if (mode && UNDER_LOCK(handle_of(fd))) { errno = EOPNOTSUPP; return -1; }
  return UNDER_LOCK(sized((int)real()(SYS_fallocate, fd, mode, at, size), EXTEND, fd, (uint64_t)(at + size)));
}
int fallocate64(int fd, int mode, off64_t at, off64_t size) { return fallocate(fd, mode, at, size); }
int posix_fallocate(int fd, off_t at, off_t size) { return fallocate(fd, 0, at, size) ? errno : 0; }
int posix_fallocate64(int fd, off64_t at, off64_t size) { return posix_fallocate(fd, at, size); }

/* For changes of names that yield 0. */
static int named(int done, uint32_t op, int at, const char *path, int other_at, const char *other) {
  char one[PATH_MAX], two[PATH_MAX];
  const char *name = below(at, path, one), *other_name = below(other_at, other, two);
  if (done || (!name && !other_name)) return done;
  if (other && !(name && other_name)) give_up("a name crossed the border of the traced folder");
  record((struct record){.op = op}, name, other_name, NULL, 0);
  return done;
}
int renameat2(int at, const char *from, int to_at, const char *to, unsigned flags) {
  return UNDER_LOCK(named((int)real()(SYS_renameat2, at, from, to_at, to, flags), RENAME, at, from, to_at, to));
}
int renameat(int at, const char *from, int to_at, const char *to) { return renameat2(at, from, to_at, to, 0); }
int rename(const char *from, const char *to) { return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0); }
int linkat(int at, const char *from, int to_at, const char *to, int flags) {
  return UNDER_LOCK(named((int)real()(SYS_linkat, at, from, to_at, to, flags), LINK, at, from, to_at, to));
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }
int unlinkat(int at, const char *path, int flags) {
  uint32_t op = flags & AT_REMOVEDIR ? RMDIR : UNLINK;
  return UNDER_LOCK(named((int)real()(SYS_unlinkat, at, path, flags), op, at, path, AT_FDCWD, NULL));
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  int done = unlink(path);
  return done && errno == EISDIR ? rmdir(path) : done;
}
int mkdirat(int at, const char *path, mode_t mode) {
  return UNDER_LOCK(named((int)real()(SYS_mkdirat, at, path, mode), MKDIR, at, path, AT_FDCWD, NULL));
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

static uint32_t sync_begins(int fd) {
  uint32_t handle = handle_of(fd);
  if (!handle || handle == ACKS) return 0;
  record((struct record){.op = SYNC_BEGIN, .handle = handle, .number = ++syncs}, NULL, NULL, NULL, 0);
  return syncs;
}
static int sync_ends(uint32_t sync) { return record((struct record){.op = SYNC_END, .number = sync}, NULL, NULL, NULL, 0), 0; }
static int sync_file(int fd, long call) {
  if (lose_sync && UNDER_LOCK(handle_of(fd))) return 0;
  uint32_t sync = UNDER_LOCK(sync_begins(fd));
  int done = (int)real()(call, fd);
  return done || !sync ? done : UNDER_LOCK(sync_ends(sync));
}
int fsync(int fd) { return sync_file(fd, SYS_fsync); }
int fdatasync(int fd) { return sync_file(fd, SYS_fdatasync); }

static void *map(void *near, size_t size, int protection, int flags, int fd, off64_t at) {
  if ((flags & MAP_SHARED) && (protection & PROT_WRITE)) sized(0, MMAP, fd, size);
  return (void *)real()(SYS_mmap, near, size, protection, flags, fd, at);
}
void *mmap(void *near, size_t size, int protection, int flags, int fd, off_t at) {
  return flags & MAP_ANONYMOUS ? (void *)real()(SYS_mmap, near, size, protection, flags, fd, at)
                               : UNDER_LOCK(map(near, size, protection, flags, fd, at));
}
void *mmap64(void *near, size_t size, int protection, int flags, int fd, off64_t at) { return mmap(near, size, protection, flags, fd, at); }
