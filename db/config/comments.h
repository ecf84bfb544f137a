/*
 * Comments of a configuration file.
 */
#ifndef DB_CONFIG_COMMENTS_H
#define DB_CONFIG_COMMENTS_H

/*
 * Makes spaces of all comments, line ends excepted, in place: libconfuse 3.3 counts the lines of a
 * comment wrongly, and errors behind it would be told with the wrong line.
 */
void comments_blank(char *text);

#endif
