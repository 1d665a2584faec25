/*
 * hawse-logger: keeps what a container's main process writes, whether or not the server runs.
 *
 * Started by containerd's shim ("binary" logging: stdout is descriptor 3, stderr 4, and 5 is closed to say that all is
 * ready), or by the server with the paths of FIFOs (then descriptors 1 and 2 are closed to say so). The arguments are pairs of
 * name and value, in any order:
 *
 *   dir          folder of the log; must be there
 *   max-size     bytes of a file after which the next one is begun
 *   max-files    how many files are kept
 *   stdout       a FIFO to read instead of descriptor 3
 *   stderr       a FIFO to read instead of descriptor 4
 *
 * A process that writes is never kept waiting for a disk: what cannot be written is counted and dropped, and a record
 * says so as soon as one can be written. It is kept waiting for a reader that may miss nothing, where that was asked for: as
 * long as byte n of the file "reader" is locked, file n is not taken away. The kernel drops the lock when the reader ends.
 * It ends when both streams have ended, or on SIGTERM after what is readable: shims
 * hold the streams of a process without terminal open until they delete it, so the server asks when the process has ended.
 *
 * The files are 0000000001.log and so on. A file begins with "hawslog2" and 8 random bytes; records follow, each
 *
 *   length 4 | time 8 (ns since 1970) | kind 1 | stdout 8 | stderr 8 | bytes | check 4 | length 4
 *
 * big-endian. "stdout" and "stderr" say how many bytes of each stream came before, in this run. The check is the CRC-32C of
 * the file's random bytes, the record's place in the file as 8 bytes, and the record up to the check. A file is gone on
 * with only while there is no later one with a whole head. dev.hawse.stream.LogFile reads all this.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { HEADER = 16, HEAD = 29, TAIL = 8, CHUNK = 64 << 10, MAX_BYTES = 16 << 20, PIPE = 1 << 20 };
enum { STDOUT = 1, STDERR = 2, BEGIN = 3, END = 4, DROPPED = 4 };            /* dropped: 4 and the stream */
enum { BY_EOF = 1, BY_SIGNAL = 2 };                                          /* why a run's records ended */
enum { RETRY_MS = 100, LAST_TRIES = 20, LOCK_SECONDS = 10 };
static const char MAGIC[8] = {'h', 'a', 'w', 's', 'l', 'o', 'g', '2'};

static int dir = -1, file = -1;
static uint64_t number, end, max_size = 16 << 20, max_files = 4;
static unsigned char seed[8];
static uint64_t total[3], dropped[3];
static int64_t retry_at;
static volatile sig_atomic_t told_to_end;
static bool begun;
static int64_t held_ms;

static void die(const char *what) {
    fprintf(stderr, "hawse-logger: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void on_term(int signal) {
    (void) signal;
    told_to_end = 1;
}

static int64_t now_ns(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t now_ms(void) {
    return now_ns(CLOCK_MONOTONIC) / 1000000;
}

/* Counts no time in which a reader was waited for. */
static int64_t active_ms(void) {
    return now_ms() - held_ms;
}

static void big(unsigned char *to, uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; i--, value >>= 8)
        to[i] = (unsigned char) value;
}

static uint32_t word(const unsigned char *from) {
    return (uint32_t) from[0] << 24 | (uint32_t) from[1] << 16 | (uint32_t) from[2] << 8 | from[3];
}

/* CRC-32C, eight bytes at a time. */
static uint32_t crc_table[8][256];

static void crc_begin(void) {
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int bit = 0; bit < 8; bit++)
            c = c & 1 ? c >> 1 ^ 0x82f63b78u : c >> 1;
        crc_table[0][i] = c;
    }
    for (uint32_t i = 0; i < 256; i++)
        for (int t = 1; t < 8; t++)
            crc_table[t][i] = crc_table[t - 1][i] >> 8 ^ crc_table[0][crc_table[t - 1][i] & 0xff];
}

static uint32_t crc_by_table(uint32_t c, const unsigned char *p, size_t n) {
    for (; n >= 8; p += 8, n -= 8) {
        c ^= (uint32_t) p[0] | (uint32_t) p[1] << 8 | (uint32_t) p[2] << 16 | (uint32_t) p[3] << 24;
        c = crc_table[7][c & 0xff] ^ crc_table[6][c >> 8 & 0xff] ^ crc_table[5][c >> 16 & 0xff] ^ crc_table[4][c >> 24]
            ^ crc_table[3][p[4]] ^ crc_table[2][p[5]] ^ crc_table[1][p[6]] ^ crc_table[0][p[7]];
    }
    for (; n > 0; p++, n--)
        c = c >> 8 ^ crc_table[0][(c ^ *p) & 0xff];
    return c;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_by_cpu(uint32_t c, const unsigned char *p, size_t n) {
    uint64_t wide = c;
    for (; n >= 8; p += 8, n -= 8) {
        uint64_t eight;
        memcpy(&eight, p, 8);
        wide = __builtin_ia32_crc32di(wide, eight);
    }
    c = (uint32_t) wide;
    for (; n > 0; p++, n--)
        c = __builtin_ia32_crc32qi(c, *p);
    return c;
}
#endif

static uint32_t crc(uint32_t c, const unsigned char *p, size_t n) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2"))
        return crc_by_cpu(c, p, n);
#endif
    return crc_by_table(c, p, n);
}

static uint32_t check(uint64_t position, const unsigned char *record, uint32_t length) {
    unsigned char place[8];
    big(place, position, 8);
    uint32_t c = crc(0xffffffffu, seed, sizeof seed);
    c = crc(c, place, sizeof place);
    return ~crc(c, record, HEAD + (size_t) length);
}

static bool write_all(const unsigned char *bytes, size_t size, uint64_t at) {
    while (size > 0) {
        ssize_t n = pwrite(file, bytes, size, (off_t) at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        bytes += n;
        at += (uint64_t) n;
        size -= (size_t) n;
    }
    return true;
}

static const char *name_of(uint64_t n) {
    static char name[32];
    snprintf(name, sizeof name, "%010llu.log", (unsigned long long) n);
    return name;
}

/* Gives the open file its head; what was in it goes. */
static bool begin_file(void) {
    unsigned char head[HEADER];
    memcpy(head, MAGIC, sizeof MAGIC);
    if (getrandom(seed, sizeof seed, 0) != sizeof seed)
        return false;
    memcpy(head + sizeof MAGIC, seed, sizeof seed);
    end = HEADER;
    return ftruncate(file, 0) == 0 && write_all(head, sizeof head, 0);
}

/* Takes a file away, when no reader needs it any more: waits for that, or leaves it. */
static void drop_file(uint64_t n, bool wait) {
    struct flock needed = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t) n, .l_len = 1};
    int reader = openat(dir, "reader", O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    bool is_needed = reader >= 0 && fcntl(reader, F_OFD_SETLK, &needed) < 0 && (errno == EAGAIN || errno == EACCES);
    if (is_needed && wait) {
        int64_t since = now_ms();
        while (fcntl(reader, F_OFD_SETLKW, &needed) < 0 && errno == EINTR)
            ;
        held_ms += now_ms() - since;
        is_needed = false;
    }
    if (!is_needed)
        unlinkat(dir, name_of(n), 0);
    if (reader >= 0)
        close(reader);
}

/* Begins the next file and takes away the oldest. When that fails, everything is as before. */
static bool rotate(void) {
    int before = file;
    uint64_t before_end = end;
    unsigned char before_seed[sizeof seed];
    memcpy(before_seed, seed, sizeof seed);
    int next = openat(dir, name_of(number + 1), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (next < 0)
        return false;
    file = next;
    if (!begin_file()) {
        unlinkat(dir, name_of(number + 1), 0);
        close(next);
        file = before;
        end = before_end;
        memcpy(seed, before_seed, sizeof seed);
        return false;
    }
    if (before >= 0)
        close(before);
    number++;
    if (number > max_files)
        drop_file(number - max_files, true);
    return true;
}

/* Where the last whole record of the open file ends; 0 when it has no head. */
static uint64_t whole_end(void) {
    struct stat status;
    if (fstat(file, &status) < 0 || status.st_size < HEADER)
        return 0;
    uint64_t size = (uint64_t) status.st_size, at = HEADER;
    const unsigned char *bytes = mmap(NULL, (size_t) size, PROT_READ, MAP_SHARED, file, 0);
    if (bytes == MAP_FAILED)
        return 0;
    if (memcmp(bytes, MAGIC, sizeof MAGIC) != 0) {
        at = 0;
    } else {
        memcpy(seed, bytes + sizeof MAGIC, sizeof seed);
        while (size - at >= HEAD + TAIL) {
            uint32_t length = word(bytes + at);
            if (length > MAX_BYTES || size - at < HEAD + TAIL + (uint64_t) length)
                break;
            const unsigned char *tail = bytes + at + HEAD + length;
            if (word(tail + 4) != length || word(tail) != check(at, bytes + at, length))
                break;
            at += HEAD + TAIL + (uint64_t) length;
        }
    }
    munmap((void *) bytes, (size_t) size);
    return at;
}

/* Finds the newest file and its end; half a record at its end goes, and files that are too many. */
static void recover(void) {
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = copy < 0 ? NULL : fdopendir(copy);
    if (list == NULL)
        return;
    const struct dirent *entry;
    while ((entry = readdir(list)) != NULL) {
        unsigned long long n;
        char rest[8];
        if (sscanf(entry->d_name, "%10llu%7s", &n, rest) == 2 && strcmp(rest, ".log") == 0 && n > number)
            number = n;
    }
    for (rewinddir(list); number > max_files && (entry = readdir(list)) != NULL;) {
        unsigned long long n;
        char rest[8];
        if (sscanf(entry->d_name, "%10llu%7s", &n, rest) == 2 && strcmp(rest, ".log") == 0 && n <= number - max_files)
            drop_file(n, false);
    }
    closedir(list);
    if (number == 0)
        return;
    file = openat(dir, name_of(number), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0)
        return;
    end = whole_end();
    if (end == 0 ? !begin_file() : ftruncate(file, (off_t) end) < 0) {
        close(file);
        file = -1;
    }
}

/* Appends a record whose bytes lie behind HEAD already. Nothing of it is there when that fails. */
static bool put(unsigned char *record, int kind, uint32_t length, uint64_t out, uint64_t err) {
    size_t size = HEAD + (size_t) length + TAIL;
    if ((file < 0 || (end > HEADER && end + size > max_size)) && !rotate())
        return false;
    big(record, length, 4);
    big(record + 4, (uint64_t) now_ns(CLOCK_REALTIME), 8);
    record[12] = (unsigned char) kind;
    big(record + 13, out, 8);
    big(record + 21, err, 8);
    big(record + HEAD + length, check(end, record, length), 4);
    big(record + HEAD + length + 4, length, 4);
    if (!write_all(record, size, end)) {
        if (ftruncate(file, (off_t) end) < 0) {
            /* Readers stop before half a record, and the next one is written over it. */
        }
        return false;
    }
    end += size;
    return true;
}

/* Says that a run has begun and what of it is missing, once that can be said. Whether nothing is left to be said. */
static bool tell_dropped(void) {
    unsigned char record[HEAD + 8 + TAIL];
    if (!begun) {
        if (now_ms() < retry_at)
            return false;
        begun = put(record, BEGIN, 0, 0, 0);
        if (!begun) {
            retry_at = now_ms() + RETRY_MS;
            return false;
        }
    }
    for (int stream = STDOUT; stream <= STDERR; stream++) {
        if (dropped[stream] == 0)
            continue;
        if (now_ms() < retry_at)
            return false;
        big(record + HEAD, dropped[stream], 8);
        if (!put(record, DROPPED + stream, 8, total[STDOUT] - dropped[STDOUT], total[STDERR] - dropped[STDERR])) {
            retry_at = now_ms() + RETRY_MS;
            return false;
        }
        dropped[stream] = 0;
    }
    return true;
}

static void keep(unsigned char *record, int stream, uint32_t length) {
    if (!tell_dropped()) {
        dropped[stream] += length;
    } else if (!put(record, stream, length, total[STDOUT], total[STDERR])) {
        dropped[stream] += length;
        retry_at = now_ms() + RETRY_MS;
    }
    total[stream] += length;
}

/* One read. Whether the stream goes on. */
static bool take(int fd, int stream) {
    static unsigned char record[HEAD + CHUNK + TAIL];
    ssize_t n = read(fd, record + HEAD, CHUNK);
    if (n < 0)
        return errno == EINTR || errno == EAGAIN;
    if (n > 0)
        keep(record, stream, (uint32_t) n);
    return n > 0;
}

/* Reads until both streams have ended, or a signal has come and nothing is readable. */
static int carry(int streams[3], const sigset_t *waiting) {
    int64_t last_moment = INT64_MAX;
    while (streams[STDOUT] >= 0 || streams[STDERR] >= 0) {
        if (told_to_end && last_moment == INT64_MAX)
            last_moment = active_ms() + 1000;
        struct pollfd polled[2] = {{.fd = streams[STDOUT], .events = POLLIN}, {.fd = streams[STDERR], .events = POLLIN}};
        int ms = told_to_end ? 0 : dropped[STDOUT] + dropped[STDERR] > 0 ? RETRY_MS : -1;
        struct timespec patience = {.tv_sec = 0, .tv_nsec = ms * 1000000L};
        int ready = ppoll(polled, 2, ms < 0 ? NULL : &patience, waiting);
        if (ready < 0 && errno != EINTR)
            die("poll");
        if (ready == 0)
            tell_dropped();
        if (told_to_end && (ready == 0 || active_ms() > last_moment))
            return BY_SIGNAL;
        for (int i = 0; ready > 0 && i < 2; i++)
            if (polled[i].fd >= 0 && polled[i].revents != 0 && !take(polled[i].fd, i + 1))
                streams[i + 1] = -1;
    }
    return BY_EOF;
}

static void finish(int why) {
    unsigned char record[HEAD + 1 + TAIL];
    for (int i = 0; i < LAST_TRIES; i++) {
        record[HEAD] = (unsigned char) why;
        if (tell_dropped() && put(record, END, 1, total[STDOUT], total[STDERR]))
            return;
        usleep(RETRY_MS * 1000);
    }
}

/* One at a time writes a log: the server tells by the lock whether one does, and by what it holds which. */
static void lock_log(void) {
    int lock = openat(dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (lock < 0)
        die("lock");
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    alarm(LOCK_SECONDS);
    if (fcntl(lock, F_SETLKW, &whole) < 0)
        die("lock");
    alarm(0);
    if (ftruncate(lock, 0) < 0 || dprintf(lock, "%d\n", (int) getpid()) < 0) {
        /* On a full disk nobody can ask this to end, but for the shim when it is done with the process. */
    }
}

/* Whoever started this waits for it. What is said after is heard by nobody. */
static void say_ready(bool by_shim) {
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (by_shim)
        close(5);
    if (nowhere < 0)
        die("/dev/null");
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        dup2(nowhere, fd);
}

static uint64_t positive(const char *text) {
    char *rest;
    errno = 0;
    unsigned long long value = strtoull(text, &rest, 10);
    if (errno != 0 || *rest != 0 || value == 0) {
        errno = EINVAL;
        die(text);
    }
    return value;
}

static int fifo(const char *path) {
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        die(path);
    return fd;
}

int main(int argc, char **argv) {
    /* What the shim or the server had open is not ours to hold. */
    syscall(SYS_close_range, 6u, ~0u, 0u);
    int streams[3] = {-1, -1, -1};
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *name = argv[i], *value = argv[i + 1];
        if (strcmp(name, "dir") == 0)
            dir = open(value, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        else if (strcmp(name, "max-size") == 0)
            max_size = positive(value);
        else if (strcmp(name, "max-files") == 0)
            max_files = positive(value);
        else if (strcmp(name, "stdout") == 0)
            streams[STDOUT] = fifo(value);
        else if (strcmp(name, "stderr") == 0)
            streams[STDERR] = fifo(value);
    }
    if (dir < 0)
        die("dir");
    bool by_shim = streams[STDOUT] < 0 && streams[STDERR] < 0;
    if (by_shim)
        streams[STDOUT] = 3, streams[STDERR] = 4;
    sigset_t blocked, waiting;
    struct sigaction term = {.sa_handler = on_term};
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGTERM);
    sigprocmask(SIG_BLOCK, &blocked, &waiting);
    sigdelset(&waiting, SIGTERM);
    sigaction(SIGTERM, &term, NULL);
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    setsid();
    umask(077);
    if (chdir("/") < 0)
        die("chdir");
    crc_begin();
    lock_log();
    for (int stream = STDOUT; stream <= STDERR; stream++)
        fcntl(streams[stream], F_SETPIPE_SZ, PIPE);
    recover();
    tell_dropped();
    say_ready(by_shim);
    finish(carry(streams, &waiting));
    return 0;
}
