// What both ceiling programs measure, and how they print it: one line of name=value.
#ifndef MEASURE_H
#define MEASURE_H

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static inline uint64_t now_ns(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static inline uint64_t own_cpu_ns(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return ((uint64_t)usage.ru_utime.tv_sec + (uint64_t)usage.ru_stime.tv_sec) * 1000000000u +
           ((uint64_t)usage.ru_utime.tv_usec + (uint64_t)usage.ru_stime.tv_usec) * 1000u;
}

// The CPU that a process's main thread has used; 0 where it can't be read.
static inline uint64_t process_cpu_ns(int pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/schedstat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) return 0;
    uint64_t value = 0;
    if (fscanf(file, "%" SCNu64, &value) != 1) value = 0;
    fclose(file);
    return value;
}

// Latencies in buckets of 1/32 of their power of two.
typedef struct { uint64_t count[64 * 32]; } histogram;

static inline void histogram_add(histogram *histogram, uint64_t value) {
    if (value < 32) {
        histogram->count[value] += 1;
        return;
    }
    int power = 63 - __builtin_clzll(value);
    histogram->count[(power - 4) * 32 + (int)((value >> (power - 5)) & 31)] += 1;
}

static inline uint64_t histogram_value(const histogram *histogram, double share) {
    uint64_t total = 0, seen = 0;
    for (int index = 0; index < 64 * 32; index += 1) total += histogram->count[index];
    for (int index = 0; index < 64 * 32; index += 1) {
        seen += histogram->count[index];
        if ((double)seen >= share * (double)total && seen > 0) {
            if (index < 32) return (uint64_t)index;
            int power = index / 32 + 4;
            return ((uint64_t)(32 + index % 32) << (power - 5));
        }
    }
    return 0;
}

typedef struct {
    uint64_t operations, time, cpu, server_cpu;
} reading;

static inline reading take_reading(uint64_t operations, int server_pid) {
    reading reading = {operations, now_ns(), own_cpu_ns(), process_cpu_ns(server_pid)};
    return reading;
}

static inline void print_result(reading start, reading end, const histogram *latencies) {
    double operations = (double)(end.operations - start.operations);
    if (operations < 1) operations = 1;
    printf("ops_per_second=%.1f client_us=%.4f server_us=%.4f p50_us=%.2f p99_us=%.2f\n",
           operations / ((double)(end.time - start.time) / 1e9), (double)(end.cpu - start.cpu) / operations / 1e3,
           (double)(end.server_cpu - start.server_cpu) / operations / 1e3,
           (double)histogram_value(latencies, 0.50) / 1e3, (double)histogram_value(latencies, 0.99) / 1e3);
}

// The value that follows --name among the arguments, or what it is without.
static inline const char *option(int count, char **arguments, const char *name, const char *otherwise) {
    for (int index = 1; index + 1 < count; index += 1)
        if (strcmp(arguments[index], name) == 0) return arguments[index + 1];
    return otherwise;
}

#endif
