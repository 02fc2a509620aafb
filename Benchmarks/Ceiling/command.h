// The commands of the benchmarks, as arguments and in Redis's own bytes.
#ifndef COMMAND_H
#define COMMAND_H

#include <hiredis/hiredis.h>
#include "measure.h"

enum { maximum_arguments = 20 };

typedef struct {
    int count;
    char *arguments[maximum_arguments];
    size_t lengths[maximum_arguments];
    char *bytes; // all of it, formatted once
    size_t length;
    char *operation;        // where a commit's operation id is, which must be another each time; else NULL
    char *operation_in_all; // the same place in `bytes`
} command;

static inline void add(command *command, const char *bytes, size_t length) {
    char *copy = malloc(length + 1);
    memcpy(copy, bytes, length);
    copy[length] = 0;
    command->lengths[command->count] = length;
    command->arguments[command->count] = copy;
    command->count += 1;
}

static inline void add_text(command *command, const char *text) { add(command, text, strlen(text)); }

static inline command make_command(int count, char **arguments, int caller) {
    const char *kind = option(count, arguments, "--op", "get");
    const char *prefix = option(count, arguments, "--key", "key:");
    int size = atoi(option(count, arguments, "--bytes", "256"));
    char key[128];
    snprintf(key, sizeof key, "%s%d", prefix, caller);
    char *value = malloc((size_t)size + 1);
    memset(value, 'x', (size_t)size);
    command made = {0};
    if (strcmp(kind, "get") == 0) {
        add_text(&made, "GET");
        add_text(&made, key);
    } else if (strcmp(kind, "set") == 0) {
        add_text(&made, "SET");
        add_text(&made, key);
        add(&made, value, (size_t)size);
        add_text(&made, "PX");
        add_text(&made, "3600000");
    } else if (strcmp(kind, "hgetall") == 0) {
        add_text(&made, "HGETALL");
        add_text(&made, key);
    } else {
        value[0] = '"', value[size - 1] = '"';
        const char *before[] = {"EVALSHA", option(count, arguments, "--sha", ""), "1", key, "OPERAT", "0", "1", "t",
                                "0",       "0", "", "1", "__token", "1"};
        for (size_t index = 0; index < sizeof before / sizeof *before; index += 1) add_text(&made, before[index]);
        made.operation = made.arguments[4];
        add_text(&made, "s");
        add_text(&made, "f0");
        add(&made, value, (size_t)size);
    }
    int length = (int)redisFormatCommandArgv(&made.bytes, made.count, (const char **)made.arguments, made.lengths);
    if (length < 0) exit(1);
    made.length = (size_t)length;
    for (size_t at = 0; made.operation != NULL && at + 6 < made.length; at += 1)
        if (memcmp(made.bytes + at, "OPERAT", 6) == 0) made.operation_in_all = made.bytes + at;
    return made;
}

static inline void renew_operation(command *command, uint64_t number) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if (command->operation == NULL) return;
    for (int index = 0; index < 6; index += 1)
        command->operation[index] = command->operation_in_all[index] = digits[(number >> (6 * index)) & 63];
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
