// The commands of the benchmarks, in Redis's own bytes. Formatted once: what is left per command is a copy.
#ifndef COMMAND_H
#define COMMAND_H

#include <hiredis/hiredis.h>
#include "measure.h"

typedef struct {
    char *bytes;
    size_t length;
    char *operation; // where a commit's operation id is, which must be another each time; else NULL
} command;

static inline command make_command(int count, char **arguments, int caller) {
    const char *kind = option(count, arguments, "--op", "get");
    const char *prefix = option(count, arguments, "--key", "key:");
    int size = atoi(option(count, arguments, "--bytes", "256"));
    char key[128];
    snprintf(key, sizeof key, "%s%d", prefix, caller);
    char *value = malloc((size_t)size + 1);
    memset(value, 'x', (size_t)size);
    command made = {0};
    int length;
    if (strcmp(kind, "get") == 0) {
        length = redisFormatCommand(&made.bytes, "GET %s", key);
    } else if (strcmp(kind, "set") == 0) {
        length = redisFormatCommand(&made.bytes, "SET %s %b PX 3600000", key, value, (size_t)size);
    } else if (strcmp(kind, "hgetall") == 0) {
        length = redisFormatCommand(&made.bytes, "HGETALL %s", key);
    } else {
        value[0] = '"', value[size - 1] = '"';
        length = redisFormatCommand(
            &made.bytes, "EVALSHA %s 1 %s %s 0 1 t 0 0 %s 1 __token 1 s f0 %b", option(count, arguments, "--sha", ""),
            key, "OPERAT", "", value, (size_t)size);
    }
    free(value);
    if (length < 0) exit(1);
    made.length = (size_t)length;
    for (size_t at = 0; strcmp(kind, "commit") == 0 && at + 6 < made.length; at += 1)
        if (memcmp(made.bytes + at, "OPERAT", 6) == 0) made.operation = made.bytes + at;
    return made;
}

static inline void renew_operation(command *command, uint64_t number) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (command->operation == NULL) return;
    for (int index = 0; index < 6; index += 1) command->operation[index] = digits[(number >> (6 * index)) & 63];
}

static inline void check_reply(const redisReply *reply) {
    if (reply == NULL || reply->type == REDIS_REPLY_ERROR || reply->type == REDIS_REPLY_NIL ||
        (reply->type == REDIS_REPLY_ARRAY &&
         (reply->elements == 0 ||
          (reply->element[0]->type == REDIS_REPLY_STRING && strcmp(reply->element[0]->str, "conflict") == 0)))) {
        fprintf(stderr, "an unexpected reply: %s\n", reply == NULL ? "none" : reply->str ? reply->str : "nothing");
        exit(1);
    }
}

#endif
