/* Stands between the program and the C library (LD_PRELOAD), counts every call that can leave a trace on the
 * disk or on the network, and at the chosen one ends the process, fails, or falls short. It can also write
 * down all of them in their order, with what they wrote.
 *
 * The environment says what to do (interposer.rs writes it):
 *   CRASHPOINT_ROOT   files below this folder count; without it the library does nothing
 *   CRASHPOINT_CALLS  letters of the kinds that count: w s r u c t a m (files), C S R (sockets); all if missing
 *   CRASHPOINT_PATH   of files, only those whose path contains one of these words, separated by '|'
 *   CRASHPOINT_AT     the number of the first call that something happens to, from 1
 *   CRASHPOINT_UNTIL  the number of the last one; CRASHPOINT_AT if missing
 *   CRASHPOINT_HOW    before | after | half : SIGKILL there;  fail | short | full : it goes wrong there
 *   CRASHPOINT_ERRNO  the number of the error for `fail`
 *   CRASHPOINT_LOG    the file that every call is written to, whether it counts or not
 *
 * `full` is what a full disk does: what would need new blocks fails with ENOSPC, what lies inside a file
 * already is written.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { BEFORE = 1, AFTER, HALF, FAIL, SHORT, FULL };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char root[PATH_MAX];
static const char *kinds, *words;
static long number, from, until;
static int how, error_number, log_fd = -1;

#define REAL(name) ((typeof(&name))real(#name))

static void *real(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    if (!found) abort();
    return found;
}

static void set_up(void) {
    const char *value = getenv("CRASHPOINT_ROOT");
    if (!value) return;
    snprintf(root, sizeof root, "%s/", value);
    kinds = getenv("CRASHPOINT_CALLS");
    words = getenv("CRASHPOINT_PATH");
    if ((value = getenv("CRASHPOINT_AT"))) from = until = atol(value);
    if ((value = getenv("CRASHPOINT_UNTIL"))) until = atol(value);
    if ((value = getenv("CRASHPOINT_ERRNO"))) error_number = atoi(value);
    if ((value = getenv("CRASHPOINT_HOW"))) {
        static const char *names[] = {"", "before", "after", "half", "fail", "short", "full"};
        for (int i = BEFORE; i <= FULL; i++)
            if (!strcmp(value, names[i])) how = i;
    }
    if ((value = getenv("CRASHPOINT_LOG")))
        log_fd = REAL(open)(value, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    /* A process that this one starts is not counted. */
    unsetenv("LD_PRELOAD");
}

__attribute__((constructor)) static void start(void) { pthread_once(&once, set_up); }

/* ---- which call is this? ---- */

/* The absolute path of a name; false if it cannot be told. */
static int resolve(int folder, const char *name, char path[PATH_MAX]) {
    char base[PATH_MAX - 300];
    if (name[0] == '/') return snprintf(path, PATH_MAX, "%s", name) < PATH_MAX;
    if (folder == AT_FDCWD) {
        if (!getcwd(base, sizeof base)) return 0;
    } else {
        char link[64];
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t length = readlink(link, base, sizeof base - 1);
        if (length < 0) return 0;
        base[length] = 0;
    }
    return snprintf(path, PATH_MAX, "%s/%s", base, name) < PATH_MAX;
}

static int path_of(int fd, char path[PATH_MAX]) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

/* Whether it is a socket, or a file below the folder. */
static int is_ours(const char *path) {
    size_t length = strlen(root);
    if (!length) return 0;
    return !path || (!strncmp(path, root, length - 1) && (path[length - 1] == '/' || path[length - 1] == 0));
}

static int is_meant(char kind, const char *path) {
    if (!is_ours(path) || (kinds && !strchr(kinds, kind))) return 0;
    if (!path || !words) return 1;
    for (const char *word = words; *word;) {
        size_t end = strcspn(word, "|");
        if (memmem(path, strlen(path), word, end)) return 1;
        word += end + (word[end] == '|');
    }
    return 0;
}

/* Whether it is a socket of the network, and not one that the program speaks to itself through. */
static int is_socket(int fd) {
    int domain = 0, kept = errno;
    socklen_t size = sizeof domain;
    int found = root[0] && !getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size);
    errno = kept;
    return found && (domain == AF_INET || domain == AF_INET6);
}

static int is_internet(const struct sockaddr *address) {
    return address && (address->sa_family == AF_INET || address->sa_family == AF_INET6);
}

static uint64_t inode_of(int fd) {
    struct stat seen;
    return fstat(fd, &seen) ? 0 : (uint64_t)seen.st_ino;
}

/* ---- what happens to it ---- */

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/* Takes the lock if the call counts or is written down, and returns what is to happen to it: 0 for nothing, -1
 * if it is none of our business. */
static int enter(char kind, const char *path) {
    int kept = errno;
    pthread_once(&once, set_up);
    int meant = is_meant(kind, path), logged = log_fd >= 0 && is_ours(path);
    errno = kept;
    if (!meant && !logged) return -1;
    pthread_mutex_lock(&lock);
    if (!meant) return 0;
    number++;
    if (!how || number < from || number > until) return 0;
    if (how == BEFORE) die();
    return how;
}

/* One line of the log: a fixed head, two paths, and the bytes that were written. */
static void record(char kind, const char *path, const char *to, uint64_t inode, int64_t offset, int fd, int64_t result,
                   const void *bytes, size_t length) {
    if (log_fd < 0) return;
    struct {
        uint32_t kind, path, to, fd;
        uint64_t inode;
        int64_t offset, result;
        uint64_t number, length;
    } head = {(uint32_t)kind, path ? strlen(path) : 0, to ? strlen(to) : 0, (uint32_t)fd, inode, offset, result,
              (uint64_t)number, length};
    struct iovec parts[] = {{&head, sizeof head}, {(void *)path, head.path}, {(void *)to, head.to}, {(void *)bytes, length}};
    int kept = errno;
    size_t whole = sizeof head + head.path + head.to + length;
    if (REAL(writev)(log_fd, parts, 4) != (ssize_t)whole) abort();
    errno = kept;
}

static void leave(int action) {
    if (action == AFTER || action == HALF) die();
    if (action < 0) return;
    int kept = errno;
    pthread_mutex_unlock(&lock);
    errno = kept;
}

static int fails(int action) {
    if (action != FAIL) return 0;
    errno = error_number;
    return 1;
}

/* Whether writing there needs blocks that the file does not have. */
static int grows(int fd, int64_t end) {
    struct stat seen;
    return !fstat(fd, &seen) && end > (int64_t)seen.st_size;
}

/* ---- writing ---- */

static void *flatten(const struct iovec *parts, int count, size_t *length) {
    *length = 0;
    for (int i = 0; i < count; i++) *length += parts[i].iov_len;
    char *whole = malloc(*length + 1);
    if (!whole) abort();
    size_t at = 0;
    for (int i = 0; i < count; i++) {
        memcpy(whole + at, parts[i].iov_base, parts[i].iov_len);
        at += parts[i].iov_len;
    }
    return whole;
}

/* Writes to a file; `offset` is -1 for where the file stands. */
static ssize_t write_file(int fd, const void *bytes, size_t length, int64_t offset) {
    char path[PATH_MAX];
    int known = root[0] && path_of(fd, path) && path[0] == '/';
    int action = known ? enter('w', path) : -1;
    int64_t at = offset;
    if (action >= 0 && offset < 0) at = lseek(fd, 0, SEEK_CUR);
    size_t takes = (action == HALF || action == SHORT) && length > 1 ? length / 2 : length;
    ssize_t result = -1;
    if (fails(action)) {
    } else if (action == FULL && grows(fd, at + (int64_t)length)) {
        errno = ENOSPC;
    } else if (offset < 0) {
        result = REAL(write)(fd, bytes, takes);
    } else {
        result = REAL(pwrite)(fd, bytes, takes, offset);
    }
    if (action >= 0) record('w', path, NULL, inode_of(fd), at, fd, result, bytes, result > 0 ? (size_t)result : 0);
    leave(action);
    return result;
}

static ssize_t send_some(int fd, const void *bytes, size_t length, int flags) {
    int action = is_socket(fd) ? enter('S', NULL) : -1;
    size_t takes = (action == HALF || action == SHORT) && length > 1 ? length / 2 : length;
    ssize_t result = fails(action) ? -1 : REAL(send)(fd, bytes, takes, flags);
    if (action >= 0) record('S', NULL, NULL, 0, 0, fd, result, bytes, result > 0 ? (size_t)result : 0);
    leave(action);
    return result;
}

ssize_t write(int fd, const void *bytes, size_t length) {
    if (is_socket(fd)) return send_some(fd, bytes, length, 0);
    return write_file(fd, bytes, length, -1);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return write_file(fd, bytes, length, offset); }

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
    return write_file(fd, bytes, length, offset);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    char path[PATH_MAX];
    int socket = is_socket(fd);
    if (!socket && !(root[0] && path_of(fd, path) && is_ours(path))) return REAL(writev)(fd, parts, count);
    size_t length;
    void *whole = flatten(parts, count, &length);
    ssize_t result = socket ? send_some(fd, whole, length, MSG_NOSIGNAL) : write_file(fd, whole, length, -1);
    int kept = errno;
    free(whole);
    errno = kept;
    return result;
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) { return send_some(fd, bytes, length, flags); }

ssize_t sendto(int fd, const void *bytes, size_t length, int flags, const struct sockaddr *address, socklen_t size) {
    if (address) return REAL(sendto)(fd, bytes, length, flags, address, size);
    return send_some(fd, bytes, length, flags);
}

ssize_t sendmsg(int fd, const struct msghdr *message, int flags) {
    if (message->msg_name || message->msg_controllen) return REAL(sendmsg)(fd, message, flags);
    size_t length;
    void *whole = flatten(message->msg_iov, (int)message->msg_iovlen, &length);
    ssize_t result = send_some(fd, whole, length, flags);
    int kept = errno;
    free(whole);
    errno = kept;
    return result;
}

int connect(int fd, const struct sockaddr *address, socklen_t size) {
    int action = is_internet(address) ? enter('C', NULL) : -1;
    int result = fails(action) ? -1 : REAL(connect)(fd, address, size);
    if (action >= 0) record('C', NULL, NULL, 0, 0, fd, result, NULL, 0);
    leave(action);
    return result;
}

/* ---- reading from the network ---- */

static ssize_t received(int action, int fd, ssize_t result) {
    if (action >= 0) record('R', NULL, NULL, 0, 0, fd, result, NULL, 0);
    leave(action);
    return result;
}

ssize_t recv(int fd, void *bytes, size_t length, int flags) {
    int action = is_socket(fd) ? enter('R', NULL) : -1;
    return received(action, fd, fails(action) ? -1 : REAL(recv)(fd, bytes, length, flags));
}

ssize_t recvfrom(int fd, void *bytes, size_t length, int flags, struct sockaddr *address, socklen_t *size) {
    int action = is_socket(fd) ? enter('R', NULL) : -1;
    return received(action, fd, fails(action) ? -1 : REAL(recvfrom)(fd, bytes, length, flags, address, size));
}

ssize_t read(int fd, void *bytes, size_t length) {
    int action = is_socket(fd) ? enter('R', NULL) : -1;
    return received(action, fd, fails(action) ? -1 : REAL(read)(fd, bytes, length));
}

/* ---- syncing, and the length of files ---- */

static int sync_file(int fd, int (*call)(int)) {
    char path[PATH_MAX];
    int action = root[0] && path_of(fd, path) ? enter('s', path) : -1;
    int result = fails(action) ? -1 : call(fd);
    if (action >= 0) record('s', path, NULL, inode_of(fd), 0, fd, result, NULL, 0);
    leave(action);
    return result;
}

int fsync(int fd) { return sync_file(fd, REAL(fsync)); }
int fdatasync(int fd) { return sync_file(fd, REAL(fdatasync)); }

int sync_file_range(int fd, off64_t offset, off64_t length, unsigned flags) {
    (void)fd, (void)offset, (void)length, (void)flags;
    abort(); /* Nobody calls it; whoever begins to has to be taught to the log. */
}

static int set_length(int fd, int64_t length) {
    char path[PATH_MAX];
    int action = root[0] && path_of(fd, path) ? enter('t', path) : -1;
    int result = -1;
    if (fails(action)) {
    } else if (action == FULL && grows(fd, length)) {
        errno = ENOSPC;
    } else {
        result = REAL(ftruncate)(fd, length);
    }
    if (action >= 0) record('t', path, NULL, inode_of(fd), length, fd, result, NULL, 0);
    leave(action);
    return result;
}

int ftruncate(int fd, off_t length) { return set_length(fd, length); }
int ftruncate64(int fd, off64_t length) { return set_length(fd, length); }

static int allocate(int fd, int mode, int64_t offset, int64_t length, int posix) {
    char path[PATH_MAX];
    int action = root[0] && path_of(fd, path) ? enter('a', path) : -1;
    int result = -1;
    if (fails(action)) {
    } else if (action == FULL) {
        errno = ENOSPC;
    } else if (posix) {
        result = REAL(posix_fallocate)(fd, offset, length);
    } else {
        result = REAL(fallocate)(fd, mode, offset, length);
    }
    if (action >= 0) record('a', path, NULL, inode_of(fd), offset + length, fd, result, NULL, 0);
    leave(action);
    return posix && result < 0 ? errno : result;
}

int fallocate(int fd, int mode, off_t offset, off_t length) { return allocate(fd, mode, offset, length, 0); }
int fallocate64(int fd, int mode, off64_t offset, off64_t length) { return allocate(fd, mode, offset, length, 0); }
int posix_fallocate(int fd, off_t offset, off_t length) { return allocate(fd, 0, offset, length, 1); }
int posix_fallocate64(int fd, off64_t offset, off64_t length) { return allocate(fd, 0, offset, length, 1); }

int fchmod(int fd, mode_t mode) {
    char path[PATH_MAX];
    int action = root[0] && path_of(fd, path) ? enter('m', path) : -1;
    int result = fails(action) ? -1 : REAL(fchmod)(fd, mode);
    if (action >= 0) record('m', path, NULL, inode_of(fd), mode, fd, result, NULL, 0);
    leave(action);
    return result;
}

/* ---- names ---- */

static int open_file(int folder, const char *name, int flags, mode_t mode) {
    char path[PATH_MAX];
    struct stat seen;
    int kept = errno;
    pthread_once(&once, set_up);
    int known = root[0] && (flags & O_ACCMODE) != O_RDONLY && resolve(folder, name, path);
    int exists = known && !fstatat(AT_FDCWD, path, &seen, 0);
    int counts = known && !exists && (flags & O_CREAT) != 0;
    errno = kept;
    int action = counts ? enter('c', path) : -1;
    int fd = -1;
    if (fails(action)) {
    } else if (action == FULL) {
        errno = ENOSPC;
    } else {
        fd = REAL(openat)(folder, name, flags, mode);
    }
    if (counts ? action >= 0 : known && fd >= 0 && is_ours(path)) {
        if (fd >= 0) path_of(fd, path);
        int held = action >= 0;
        if (!held) pthread_mutex_lock(&lock);
        int truncates = (flags & O_TRUNC) != 0;
        record(counts ? 'c' : truncates ? 'T' : 'o', path, NULL, fd < 0 ? 0 : inode_of(fd), 0, fd, fd, NULL, 0);
        if (!held) pthread_mutex_unlock(&lock);
    }
    leave(action);
    return fd;
}

static mode_t mode_of(int flags, va_list rest) { return (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; }

#define OPEN(name, parameters, folder)                       \
    int name parameters {                                    \
        va_list rest;                                        \
        va_start(rest, flags);                               \
        mode_t mode = mode_of(flags, rest);                  \
        va_end(rest);                                        \
        return open_file(folder, path, flags, mode);         \
    }

OPEN(open, (const char *path, int flags, ...), AT_FDCWD)
OPEN(open64, (const char *path, int flags, ...), AT_FDCWD)
OPEN(openat, (int folder, const char *path, int flags, ...), folder)
OPEN(openat64, (int folder, const char *path, int flags, ...), folder)

int creat(const char *path, mode_t mode) { return open_file(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }

static int rename_file(int folder, const char *name, int to_folder, const char *to_name, unsigned flags) {
    char path[PATH_MAX], to[PATH_MAX];
    int known = root[0] && resolve(folder, name, path) && resolve(to_folder, to_name, to);
    int action = known ? enter('r', to) : -1;
    int result = fails(action) ? -1 : REAL(renameat2)(folder, name, to_folder, to_name, flags);
    if (action >= 0) record('r', path, to, 0, 0, 0, result, NULL, 0);
    leave(action);
    return result;
}

int rename(const char *name, const char *to) { return rename_file(AT_FDCWD, name, AT_FDCWD, to, 0); }

int renameat(int folder, const char *name, int to_folder, const char *to) {
    return rename_file(folder, name, to_folder, to, 0);
}

int renameat2(int folder, const char *name, int to_folder, const char *to, unsigned flags) {
    return rename_file(folder, name, to_folder, to, flags);
}

static int link_file(int folder, const char *name, int to_folder, const char *to_name, int flags) {
    char path[PATH_MAX], to[PATH_MAX];
    int known = root[0] && resolve(folder, name, path) && resolve(to_folder, to_name, to);
    int action = known ? enter('r', to) : -1;
    int result = fails(action) ? -1 : REAL(linkat)(folder, name, to_folder, to_name, flags);
    if (action >= 0) record('l', path, to, 0, 0, 0, result, NULL, 0);
    leave(action);
    return result;
}

int link(const char *name, const char *to) { return link_file(AT_FDCWD, name, AT_FDCWD, to, 0); }

int linkat(int folder, const char *name, int to_folder, const char *to, int flags) {
    return link_file(folder, name, to_folder, to, flags);
}

static int unlink_file(int folder, const char *name, int flags) {
    char path[PATH_MAX];
    int action = root[0] && resolve(folder, name, path) ? enter('u', path) : -1;
    int result = fails(action) ? -1 : REAL(unlinkat)(folder, name, flags);
    if (action >= 0) record('u', path, NULL, 0, 0, 0, result, NULL, 0);
    leave(action);
    return result;
}

int unlink(const char *name) { return unlink_file(AT_FDCWD, name, 0); }
int unlinkat(int folder, const char *name, int flags) { return unlink_file(folder, name, flags); }
