// The other ceiling: hiredis's blocking API, so many commands appended and then so many replies
// read. The commands were formatted before.
#include <unistd.h>

#include <hiredis/hiredis.h>

#include "command.h"

int main(int count, char **arguments) {
    int callers = atoi(option(count, arguments, "--callers", "64"));
    double seconds = atof(option(count, arguments, "--seconds", "2"));
    const char *path = option(count, arguments, "--unix", "");
    int server_pid = atoi(option(count, arguments, "--redis-pid", "0"));
    redisContext *context =
        path[0] ? redisConnectUnix(path) : redisConnect("127.0.0.1", atoi(option(count, arguments, "--port", "6379")));
    if (context == NULL || context->err) return 1;
    command *commands = calloc((size_t)callers, sizeof *commands);
    for (int index = 0; index < callers; index += 1) commands[index] = make_command(count, arguments, index);
    static histogram latencies;
    uint64_t operations = 0, warm_until = now_ns() + 200000000u, stop_at = warm_until + (uint64_t)(seconds * 1e9);
    reading start = {0};
    while (1) {
        uint64_t began = now_ns();
        if (start.time == 0 && began >= warm_until) start = take_reading(operations, server_pid);
        if (began >= stop_at) break;
        for (int index = 0; index < callers; index += 1) {
            if (commands[index].operation) renew_operation(&commands[index], now_ns() * 64 + (uint64_t)(index & 63));
            redisAppendFormattedCommand(context, commands[index].bytes, commands[index].length);
        }
        for (int index = 0; index < callers; index += 1) {
            void *reply = NULL;
            if (redisGetReply(context, &reply) != REDIS_OK) return 1;
            check_reply(reply);
            freeReplyObject(reply);
            if (start.time != 0) histogram_add(&latencies, now_ns() - began);
        }
        operations += (uint64_t)callers;
    }
    print_result(start, take_reading(operations, server_pid), &latencies);
    return 0;
}
