// The ceiling: hiredis's asynchronous API on libevent, one connection, callers that each keep one command under way.
// Each command is formatted by hiredis when it is sent, as an app does it; with `--formatted yes` all were before.
#include <unistd.h>
#include <event2/event.h>
#include <hiredis/adapters/libevent.h>
#include <hiredis/async.h>
#include <hiredis/hiredis.h>

#include "command.h"

typedef struct {
    command command;
    uint64_t sent;
} caller;

static struct event_base *base;
static histogram latencies;
static uint64_t operations, warm_until, stop_at;
static int server_pid, is_formatted;
static reading start;

static void send_one(redisAsyncContext *context, caller *caller);

static void replied(redisAsyncContext *context, void *reply, void *data) {
    caller *self = data;
    check_reply(reply);
    uint64_t now = now_ns();
    operations += 1;
    if (start.time == 0) {
        if (now >= warm_until) start = take_reading(operations, server_pid);
    } else {
        histogram_add(&latencies, now - self->sent);
        if (now >= stop_at) {
            print_result(start, take_reading(operations, server_pid), &latencies);
            fflush(stdout);
            _exit(0);
        }
    }
    self->sent = now;
    send_one(context, self);
}

static void send_one(redisAsyncContext *context, caller *self) {
    if (self->command.operation) renew_operation(&self->command, now_ns() * 64 + (operations & 63));
    if (is_formatted)
        redisAsyncFormattedCommand(context, replied, self, self->command.bytes, self->command.length);
    else
        redisAsyncCommandArgv(
            context, replied, self, self->command.count, (const char **)self->command.arguments, self->command.lengths);
}

int main(int count, char **arguments) {
    int callers = atoi(option(count, arguments, "--callers", "64"));
    double seconds = atof(option(count, arguments, "--seconds", "2"));
    const char *path = option(count, arguments, "--unix", "");
    server_pid = atoi(option(count, arguments, "--redis-pid", "0"));
    is_formatted = strcmp(option(count, arguments, "--formatted", "no"), "yes") == 0;
    base = event_base_new();
    redisAsyncContext *context =
        path[0] ? redisAsyncConnectUnix(path)
                : redisAsyncConnect("127.0.0.1", atoi(option(count, arguments, "--port", "6379")));
    if (context == NULL || context->err) return 1;
    redisLibeventAttach(context, base);
    caller *all = calloc((size_t)callers, sizeof *all);
    warm_until = now_ns() + 200000000u;
    stop_at = warm_until + (uint64_t)(seconds * 1e9);
    for (int index = 0; index < callers; index += 1) {
        all[index].command = make_command(count, arguments, index);
        all[index].sent = now_ns();
        send_one(context, &all[index]);
    }
    event_base_dispatch(base);
    return 1;
}
