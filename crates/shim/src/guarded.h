// Exceptions end where C functions do: as a message of the caller's.

#pragma once

#include <cstring>
#include <exception>

// 0, or 1 with a message in `why`, which has room for `room` bytes.
template <typename Work>
int guarded(char* why, size_t room, Work work) {
  try {
    work();
    return 0;
  } catch (const std::exception& error) {
    std::strncpy(why, error.what(), room - 1);
    why[room - 1] = '\0';
    return 1;
  }
}
