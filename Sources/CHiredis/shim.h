// The one face of hiredis's reply reader that the Swift side sees. It hides what differs between hiredis 0.14
// and 1.x: the callback table, the stack of read tasks, and the reply types that only RESP3 has.

#ifndef SESS_CHIREDIS_SHIM_H
#define SESS_CHIREDIS_SHIM_H

#include <hiredis/hiredis.h>
#include <hiredis/read.h>
#include <stddef.h>

/// Receives the parts of a reply, depth first. Each function returns 0 to refuse, which ends the reader.
typedef struct chiredis_sink {
    void *context;
    /// A bulk string, a status or an error. For a bulk string the two bytes after `length` are readable.
    int (*string)(void *context, int type, const char *bytes, size_t length);
    /// An array that announces `count` elements, with `depth` arrays around it. Called before its elements.
    int (*array)(void *context, int type, int depth, long long count);
    int (*integer)(void *context, int type, long long value);
    int (*null)(void *context, int type);
} chiredis_sink;

/// hiredis only asks that an object isn't NULL; it never looks at what the pointer points to.
static inline void *chiredis_object(int accepted) {
    return accepted ? (void *)1 : NULL;
}

static inline void *chiredis_create_string(const redisReadTask *task, char *bytes, size_t length) {
    const chiredis_sink *sink = (const chiredis_sink *)task->privdata;
    return chiredis_object(sink->string(sink->context, task->type, bytes, length));
}

#if HIREDIS_MAJOR >= 1
static inline void *chiredis_create_array(const redisReadTask *task, size_t count) {
#else
static inline void *chiredis_create_array(const redisReadTask *task, int count) {
#endif
    const chiredis_sink *sink = (const chiredis_sink *)task->privdata;
    int depth = 0;
    for (const redisReadTask *outer = task->parent; outer != NULL; outer = outer->parent) depth += 1;
    return chiredis_object(sink->array(sink->context, task->type, depth, (long long)count));
}

static inline void *chiredis_create_integer(const redisReadTask *task, long long value) {
    const chiredis_sink *sink = (const chiredis_sink *)task->privdata;
    return chiredis_object(sink->integer(sink->context, task->type, value));
}

static inline void *chiredis_create_null(const redisReadTask *task) {
    const chiredis_sink *sink = (const chiredis_sink *)task->privdata;
    return chiredis_object(sink->null(sink->context, task->type));
}

#if HIREDIS_MAJOR >= 1
static inline void *chiredis_refuse_double(const redisReadTask *task, double value, char *bytes, size_t length) {
    (void)task, (void)value, (void)bytes, (void)length;
    return NULL;
}

static inline void *chiredis_refuse_bool(const redisReadTask *task, int value) {
    (void)task, (void)value;
    return NULL;
}
#endif

/// A reader that reports to `sink`, which must outlive it; NULL when there is no memory.
/// Free it with `redisReaderFree`.
static inline redisReader *chiredis_reader_create(chiredis_sink *sink) {
    static redisReplyObjectFunctions functions = {
        .createString = chiredis_create_string,
        .createArray = chiredis_create_array,
        .createInteger = chiredis_create_integer,
#if HIREDIS_MAJOR >= 1
        .createDouble = chiredis_refuse_double,
        .createBool = chiredis_refuse_bool,
#endif
        .createNil = chiredis_create_null,
        .freeObject = NULL,
    };
    redisReader *reader = redisReaderCreateWithFunctions(&functions);
    if (reader == NULL) return NULL;
    reader->privdata = sink;
    // An empty buffer larger than this is given back at the next feed. Small values give it back at every feed.
    reader->maxbuf = 1024 * 1024;
    return reader;
}

/// The next complete reply: 1 when the sink has received one, 0 when more bytes are needed, -1 on an error.
static inline int chiredis_reader_next(redisReader *reader) {
    void *object = NULL;
    if (redisReaderGetReply(reader, &object) != REDIS_OK) return -1;
    return object != NULL ? 1 : 0;
}

/// The type of the item that a stalled reader waits for the rest of, or -1 when not even its type is known.
static inline int chiredis_reader_pending_type(const redisReader *reader) {
    if (reader->ridx < 0) return -1;
#if HIREDIS_MAJOR >= 1
    return reader->task[reader->ridx]->type;
#else
    return reader->rstack[reader->ridx].type;
#endif
}

/// The bytes that a stalled reader holds and has not consumed. Valid until the reader is used again.
static inline const char *chiredis_reader_pending_bytes(const redisReader *reader, size_t *length) {
    *length = reader->len - reader->pos;
    return reader->buf + reader->pos;
}

#endif
